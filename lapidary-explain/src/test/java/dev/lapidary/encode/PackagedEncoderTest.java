package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PackagedEncoderTest {
    private static OnnxTextEncoder encoder;

    @BeforeAll
    static void open() {
        encoder = OnnxTextEncoder.packaged();
    }

    @AfterAll
    static void close() {
        encoder.close();
    }

    @Test
    void givesTheEmbeddingThatTheModelsAuthorsPublish() {
        // the first numbers of the usage example on the model's page
        float[] row = rows(List.of("This is an example sentence")).getFirst();
        assertThat(row).hasSize(384);
        assertThat(row[0]).isCloseTo(0.0676569f, within(1e-4f));
        assertThat(row[1]).isCloseTo(0.0634959f, within(1e-4f));
        assertThat(row[2]).isCloseTo(0.0487131f, within(1e-4f));
        assertThat(dot(row, row)).isCloseTo(1, within(1e-5));
    }

    /**
     * Holds on every processor: ONNX Runtime's loops for a batch of two rows and more differ only in how many rows they take at once,
     * and add up each in the order of its columns; no text has less than two tokens, and no row is narrower than a vector.
     */
    @Test
    void sameTextHasTheSameBitsInAnyBatch() {
        List<String> texts = new ArrayList<>();
        String sentence = "the ship left the harbour before the storm and nobody on land could say where it would go";
        List<String> words = List.of(sentence.split(" "));
        for (int i = 0; i < 36; i++) {
            int length = 1 + i % 6 * 3;
            texts.add(String.join(" ", words.subList(i % 3, Math.min(words.size(), i % 3 + length))) + " " + i);
        }
        texts.add(sentence + " " + String.join(" ", words.reversed()));
        List<float[]> together = rows(texts);
        for (int i = 0; i < texts.size(); i += 4) {
            assertThat(rows(List.of(texts.get(i))).getFirst()).isEqualTo(together.get(i));
        }
        assertThat(rows(texts.reversed()).reversed().get(5)).isEqualTo(together.get(5));
    }

    @Test
    void knowsItsOwnLengthAndCountsWhatItCuts() {
        assertThat(encoder.maxTokens()).isEqualTo(256);
        assertThat(encoder.name()).isEqualTo("all-MiniLM-L6-v2");
        try (EncodedTexts encoded =
                encoder.encode(List.of("word ".repeat(254), "word ".repeat(255)), Progress.silent())) {
            assertThat(encoded.tokens()).isEqualTo(512);
            assertThat(Objects.requireNonNull(encoded.perText()).truncated().stream())
                    .containsExactly(1);
        }
    }

    @Test
    void putsMeaningNearMeaning() {
        List<float[]> rows = rows(List.of("The team won the final", "A football match", "Shares fell on Wall Street"));
        assertThat(dot(rows.get(0), rows.get(1))).isGreaterThan(dot(rows.get(0), rows.get(2)) + 0.1);
    }

    private static List<float[]> rows(List<String> texts) {
        try (EncodedTexts encoded = encoder.encode(texts, Progress.silent())) {
            List<float[]> rows = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                rows.add(encoded.embeddings().row(i));
            }
            return rows;
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (double) a[j] * b[j];
        }
        return sum;
    }
}
