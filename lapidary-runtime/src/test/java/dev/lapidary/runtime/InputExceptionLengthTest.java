package dev.lapidary.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InputExceptionLengthTest {
    @Test
    void atMostTwoHundredLettersOfWhatCameAreShown() {
        InputException exception = new InputException("a.json: id must be a number; got " + "9".repeat(5000));
        assertThat(exception).hasMessage("a.json: id must be a number; got " + "9".repeat(199) + "…");
        assertThat(new InputException("x must be y; got " + "\u0007".repeat(300)).getMessage())
                .isEqualTo("x must be y; got " + "\\u0007".repeat(199) + "…");
        String pairs = new InputException("x must be y; got " + "🙂".repeat(300)).getMessage();
        assertThat(pairs).doesNotContain("?").endsWith("🙂…");
        assertThat(new InputException("x".repeat(5000))).message().hasSize(1000);
        assertThat(new InputException("x must be y; got " + "z".repeat(200))).message().endsWith("z");
    }
}
