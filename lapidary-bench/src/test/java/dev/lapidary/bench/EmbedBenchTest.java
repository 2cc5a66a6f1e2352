package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EmbedBenchTest {
    @Test
    void operations_are_those_of_six_layers_and_their_attention() {
        double linear = 6 * 55 * (4 * 384.0 * 384 + 2 * 384.0 * 1536) * 2;
        assertThat(EmbedBench.flops(55)).isCloseTo(linear + 6 * 2 * 2 * 55.0 * 55 * 384, Offset.offset(1.0));
    }

    @Test
    void texts_have_the_length_asked_for_and_differ() {
        // one token a word here: words alone decide
        List<String> texts = new BenchTexts().ofTokens(128, 55, text -> text.split(" ").length);
        assertThat(texts).hasSize(128).doesNotHaveDuplicates().allMatch(text -> text.split(" ").length == 55);
        assertThat(new BenchTexts().mixed(50)).allMatch(text -> text.split(" ").length >= 3);
    }
}
