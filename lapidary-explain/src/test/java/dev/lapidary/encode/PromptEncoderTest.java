package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.tolerance.Rounding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptEncoderTest {
    /** Of embeddings that are at most 1, after some ten operations of float32. */
    private static final float EXACT = (float) Rounding.float32(16, 1);

    @TempDir
    private Path folder;

    @Test
    void namesAreTheMeanOfTheirSentences() throws IOException {
        List<String> templates = List.of("a photo {}", "{} {}");
        try (TextEncoder encoder = PromptEncoder.of(ClipEncoder.open(TinyClip.clip(folder)), templates);
                EncodedTexts names = encoder.encode(List.of("red", "blue"), Progress.silent())) {
            assertThat(names.embeddings().row(0))
                    .containsExactly(
                            mean(TinyClip.ofTokens(0, 6, 7, 3, 1), TinyClip.ofTokens(0, 3, 3, 1)), within(EXACT));
            assertThat(names.embeddings().row(1))
                    .containsExactly(
                            mean(TinyClip.ofTokens(0, 6, 7, 5, 1), TinyClip.ofTokens(0, 5, 5, 1)), within(EXACT));
            assertThat(names.tokens()).isEqualTo(2 * (5 + 4));
            assertThat(names.truncated()).isZero();
        }
    }

    private static float[] mean(float[] a, float[] b) {
        float[] mean = new float[a.length];
        double squares = 0;
        for (int j = 0; j < a.length; j++) {
            mean[j] = (a[j] + b[j]) / 2;
            squares += (double) mean[j] * mean[j];
        }
        for (int j = 0; j < a.length; j++) {
            mean[j] /= (float) Math.sqrt(squares);
        }
        return mean;
    }

    @Test
    void manyNamesComeInBlocks() throws IOException {
        List<String> names = Collections.nCopies(3000, "green");
        try (TextEncoder encoder =
                        PromptEncoder.of(ClipEncoder.open(TinyClip.clip(folder)), List.of("a {}", "photo {}"));
                EncodedTexts encoded = encoder.encode(names, Progress.silent())) {
            assertThat(encoded.embeddings().row(2999))
                    .isEqualTo(encoded.embeddings().row(0));
        }
    }

    @Test
    void theDigestNamesTheTemplates() throws IOException {
        try (ClipEncoder plain = ClipEncoder.open(TinyClip.clip(folder))) {
            assertThat(PromptEncoder.of(plain, List.of("{}"))).isSameAs(plain);
            assertThat(List.of(
                            plain.digest(),
                            PromptEncoder.of(plain, List.of("a {}")).digest(),
                            PromptEncoder.of(plain, List.of("a {}", "{}")).digest()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void templatesMustHaveAPlaceForTheName() {
        assertThatThrownBy(() -> PromptEncoder.checked(List.of("{}", "a photo")))
                .isInstanceOf(InputException.class)
                .hasMessage("a prompt template must have {} in the name's place and at most 1000 letters; got a photo");
        assertThatThrownBy(() -> PromptEncoder.checked(List.of("{}".repeat(501))))
                .hasMessageEndingWith("got 1002 letters");
        assertThatThrownBy(() -> PromptEncoder.checked(List.of())).hasMessageContaining("got 0");
    }
}
