package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.tolerance.Rounding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxTextEncoderTest {
    /** Of embeddings that are at most 6, after some ten operations of float32. */
    private static final float EXACT = (float) Rounding.float32(16, 6);

    @TempDir
    Path folder;

    @Test
    void poolsTheMeanOfAllTokensAndScalesToLengthOneByDefault() throws IOException {
        // red: [CLS] (1, 0), red (3, 4), [SEP] (0, 1): mean (4/3, 5/3), length sqrt(41)/3
        double norm = Math.sqrt(41);
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(TinyEncoder.write(folder));
                EncodedTexts encoded = encoder.encode(List.of("red"), Progress.silent())) {
            assertThat(encoded.embeddings().row(0))
                    .containsExactly(new float[] {(float) (4 / norm), (float) (5 / norm)}, within(EXACT));
            assertThat(encoded.tokens()).isEqualTo(3);
            assertThat(encoder.width()).isEqualTo(2);
            assertThat(encoder.maxTokens()).isEqualTo(512);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pooling_mode_mean_tokens, 0.5, 2.75",
        "pooling_mode_cls_token, 1, 0",
        "pooling_mode_max_tokens, 3, 6",
    })
    void poolsAsTheConfigurationSays(String mode, float first, float second) throws IOException {
        TinyEncoder.write(folder);
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(
                folder.resolve("1_Pooling/config.json"),
                "{\"word_embedding_dimension\": 2, \"pooling_mode_lasttoken\": false, \"" + mode + "\": true}");
        Files.writeString(folder.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.Transformer\"}]");
        // red green: (1, 0), (3, 4), (-2, 6), (0, 1)
        assertThat(embed("red green")).containsExactly(new float[] {first, second}, within(EXACT));
    }

    @Test
    void takesAPooledOutputAsItIs() throws IOException {
        TinyEncoder.write(folder, List.of("input_ids", "attention_mask", "token_type_ids"), true);
        Files.writeString(folder.resolve("modules.json"), "[]");
        assertThat(embed("red green")).containsExactly(new float[] {0.5f, 2.75f}, within(EXACT));
    }

    @Test
    void replacesTheTruncationAndPaddingOfTheTokenizerFile() throws IOException {
        TinyEncoder.write(folder);
        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 5}");
        List<String> texts = List.of("red", "red green blue", "red green blue red", "red " + "green ".repeat(200_000));
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(folder);
                EncodedTexts encoded = encoder.encode(texts, Progress.silent())) {
            assertThat(encoder.maxTokens()).isEqualTo(5);
            assertThat(encoded.truncated()).isEqualTo(2);
            assertThat(encoded.tokens()).isEqualTo(3 + 5 + 5 + 5);
            assertThat(Objects.requireNonNull(encoded.perText()).truncated().stream())
                    .containsExactly(2, 3);
            assertThat(encoded.embeddings().row(1))
                    .isEqualTo(encoded.embeddings().row(2));
        }
    }

    @Test
    void keepsTheOrderOfTexts() throws IOException {
        List<String> texts = List.of("blue red green", "red", "", "green blue", "unknown", "red");
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(TinyEncoder.write(folder));
                EncodedTexts encoded = encoder.encode(texts, Progress.silent())) {
            for (int i = 0; i < texts.size(); i++) {
                try (EncodedTexts alone = encoder.encode(List.of(texts.get(i)), Progress.silent())) {
                    assertThat(encoded.embeddings().row(i))
                            .isEqualTo(alone.embeddings().row(0));
                }
            }
        }
    }

    @Test
    void namesMissingFilesInOneLine() throws IOException {
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessage(folder + ": an encoder must have onnx/model.onnx and tokenizer.json; got a folder without"
                        + " onnx/model.onnx (or model.onnx) and tokenizer.json");
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder.resolve("none")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got nothing at this path");
    }

    @Test
    void refusesFilesOfAnotherKind() throws IOException {
        TinyEncoder.write(folder);
        Files.writeString(folder.resolve("onnx/model.onnx"), "no model");
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a model that ONNX Runtime opens; got");
        TinyEncoder.write(folder, List.of("input_ids", "pixel_values"), false);
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got [input_ids, pixel_values]");
        TinyEncoder.write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a tokenizer");
    }

    @Test
    void refusesAPoolingThatItDoesNotKnow() throws IOException {
        TinyEncoder.write(folder);
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_lasttoken\": true}");
        assertThatThrownBy(() -> OnnxTextEncoder.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got [pooling_mode_lasttoken]");
    }

    @Test
    void digestChangesWithModelTokenizerAndSettings() throws IOException {
        String first = digest(TinyEncoder.write(folder.resolve("a")));
        assertThat(first).matches("[0-9a-f]{64}").isEqualTo(digest(TinyEncoder.write(folder.resolve("b"))));
        Files.writeString(folder.resolve("b/sentence_bert_config.json"), "{\"max_seq_length\": 7}");
        String shorter = digest(folder.resolve("b"));
        TinyEncoder.write(folder.resolve("c"), List.of("input_ids", "attention_mask"), false);
        assertThat(List.of(first, shorter, digest(folder.resolve("c")))).doesNotHaveDuplicates();
    }

    private String digest(Path path) {
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(path)) {
            return encoder.digest();
        }
    }

    private float[] embed(String text) {
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(folder);
                EncodedTexts encoded = encoder.encode(List.of(text), Progress.silent())) {
            return encoded.embeddings().row(0);
        }
    }
}
