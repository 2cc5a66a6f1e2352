package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.ConfigJson;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskedCheckpointTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    @TempDir
    private Path folder;

    private Path base;
    private Path out;

    @BeforeEach
    void name() {
        base = folder.resolve("base");
        out = folder.resolve("out");
    }

    @Test
    void writesZerosExactlyWhereTheCodesDoNotKeepAndLeavesTheRest() throws IOException {
        MaskSet set = save(DType.F32);

        MaskedCheckpoint.Verification found = MaskedCheckpoint.write(out, base, set, DType.F32, Progress.silent());

        try (TensorFile dense = TensorFile.open(base.resolve("model.safetensors"));
                TensorFile masked = TensorFile.open(out.resolve("model.safetensors"))) {
            assertThat(masked.tensors().keySet()).isEqualTo(dense.tensors().keySet());
            for (TensorView view : dense.tensors().values()) {
                LayerMask mask = set.layers().get(view.name());
                float[] before = view.toFloats();
                float[] after = masked.tensor(view.name()).toFloats();
                for (int i = 0; i < before.length; i++) {
                    boolean kept = mask == null || mask.keeps(i / mask.columns(), i % mask.columns());
                    assertThat(Float.floatToRawIntBits(after[i]))
                            .isEqualTo(Float.floatToRawIntBits(kept ? before[i] : 0f));
                }
            }
        }
        assertThat(found.groups()).isEqualTo(set.weights() / 4);
        assertThat(found.dropped()).isEqualTo(set.weights() / 2);
        assertThat(found.rounding()).isZero();
        assertThat(found.logits()).isEqualTo(3L * 32 * 40);
        assertThat(found.files().keySet()).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(found.files().get("model.safetensors")).isEqualTo(Sha256.of(out.resolve("model.safetensors")));
        assertThat(Files.readString(out.resolve("lapidary.json")))
                .contains(
                        "lapidary-masked-model", set.baseDigest(), found.files().get("config.json"));
        assertThat(out.resolve("tokenizer.json")).hasContent("{}");
    }

    @Test
    void theFileIsTheModelThatTheMaskMakes() throws IOException {
        MaskSet set = save(DType.F32);
        MaskedCheckpoint.Verification found = MaskedCheckpoint.write(out, base, set, DType.F32, Progress.silent());

        try (LanguageModel model = LanguageModel.open(base);
                LanguageModel read = LanguageModel.open(out)) {
            set.applyTo(model);
            assertThat(logits(read)).isEqualTo(logits(model));
            model.restoreAll();
            assertThat(logits(read)).isNotEqualTo(logits(model));
            assertThat(found.digest()).isEqualTo(read.digest());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void aBaseOfTheSameTypeLosesNothing(DType type) throws IOException {
        MaskSet set = save(type);

        MaskedCheckpoint.Verification found = MaskedCheckpoint.write(out, base, set, type, Progress.silent());

        assertThat(found.rounding()).isZero();
        assertThat(LanguageModel.storedType(out)).isEqualTo(type);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void aSmallerTypeRoundsAndSaysByHowMuch(DType type) throws IOException {
        MaskSet set = save(DType.F32);

        MaskedCheckpoint.Verification found = MaskedCheckpoint.write(out, base, set, type, Progress.silent());

        assertThat(found.rounding()).isPositive().isLessThan(0.05);
        try (LanguageModel model = LanguageModel.open(base);
                LanguageModel read = LanguageModel.open(out)) {
            set.applyTo(model);
            float[] exact = logits(model);
            assertThat(logits(read)).isNotEqualTo(exact);
        }
    }

    @Test
    void updatedWeightsAreWritten() throws IOException {
        MaskSet masks = save(DType.F32);
        LayerMask down = Objects.requireNonNull(masks.layers().get(Masks.DOWN));
        float[] values = new float[(int) down.weights()];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + i * 1e-6f;
        }
        SequencedMap<String, float[]> updated = new LinkedHashMap<>(Map.of(Masks.DOWN, values));

        MaskedCheckpoint.write(out, base, masks.withUpdatedWeights(updated), DType.F32, Progress.silent());

        try (TensorFile file = TensorFile.open(out.resolve("model.safetensors"))) {
            float[] written = file.tensor(Masks.DOWN).toFloats();
            for (int i = 0; i < written.length; i++) {
                assertThat(written[i]).isEqualTo(down.keeps(i / down.columns(), i % down.columns()) ? values[i] : 0);
            }
        }
    }

    @Test
    void keptWeightsThatAreZeroAreToldApartByTheCodes() throws IOException {
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5);
                NoGradGuard still = new NoGradGuard()) {
            model.parameter(Masks.Q).narrow(0, 0, 1).fill_(new Scalar(0f)); // a row of 16
            model.save(Files.createDirectories(base), DType.F32);
            MaskSet set = Masks.of(model, TWO_OF_FOUR, 1);

            assertThat(MaskedCheckpoint.write(out, base, set, DType.F32, Progress.silent())
                            .keptZeros())
                    .isEqualTo(8);
        }
    }

    @Test
    void filesOfGpt2HoldTheGroupsInColumns() throws IOException {
        Files.createDirectories(base);
        Files.writeString(base.resolve("config.json"), """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 40, "n_embd": 16, "n_layer": 1,
                 "n_head": 2, "n_positions": 32, "activation_function": "gelu_new"}
                """);
        try (LanguageModel model = LanguageModel.create(ConfigJson.read(base), 5)) {
            model.save(base, DType.F32);
            MaskSet set = Masks.of(model, TWO_OF_FOUR, 1);

            MaskedCheckpoint.write(out, base, set, DType.F32, Progress.silent());

            LayerMask mask = Objects.requireNonNull(set.layers().get("transformer.h.0.mlp.c_fc.weight"));
            try (TensorFile file = TensorFile.open(out.resolve("model.safetensors"))) {
                TensorView stored = file.tensor(mask.weight());
                assertThat(stored.shape()).containsExactly(16L, 64L); // [in, out]
                float[] values = stored.toFloats();
                for (int i = 0; i < values.length; i++) {
                    assertThat(values[i] != 0).isEqualTo(mask.keeps(i % 64, i / 64));
                }
            }
        }
    }

    @Test
    void weightsTooLargeForTheTypeLeaveNothingBehind() throws IOException {
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5);
                NoGradGuard still = new NoGradGuard()) {
            model.parameter("model.norm.weight").fill_(new Scalar(70000f));
            model.save(Files.createDirectories(base), DType.F32);
            MaskSet set = Masks.of(model, TWO_OF_FOUR, 1);

            assertThatThrownBy(() -> MaskedCheckpoint.write(out, base, set, DType.F16, Progress.silent()))
                    .isInstanceOf(InputException.class)
                    .hasMessage("weights must be finite numbers that F16 can hold; got 70000.0 in model.norm.weight");
            assertThat(folder).isDirectoryNotContaining("glob:**out*");
        }
    }

    @Test
    void anotherBaseLeavesNothingBehind() throws IOException {
        MaskSet set = save(DType.F32);
        try (LanguageModel other = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 6)) {
            other.save(base, DType.F32);
        }

        assertThatThrownBy(() -> MaskedCheckpoint.write(out, base, set, DType.F32, Progress.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("masks must be applied to the model that they were made for");
        assertThat(folder).isDirectoryNotContaining("glob:**out*");
    }

    @Test
    void whatDiffersFromMemoryIsFound() {
        LayerMask mask = new LayerMask("w", 1, 4, TWO_OF_FOUR, new byte[] {0}); // 1100
        try (TorchScope scope = TorchScope.open()) {
            Tensor wrong = Tensors.of(new float[] {1, 2, 0, 1e-30f}, 1, 4);
            Tensor negative = Tensors.of(new float[] {1, 2, 0, -0f}, 1, 4);
            assertThatThrownBy(() -> MaskedCheckpoint.requireZeros(mask, wrong))
                    .isInstanceOf(IOException.class)
                    .hasMessage("what was written must be right: w must be 0 where it is not kept; got 1.0E-30");
            assertThatThrownBy(() -> MaskedCheckpoint.requireZeros(mask, negative))
                    .hasMessageEndingWith("got -0.0");
        }
        assertThatThrownBy(() -> MaskedCheckpoint.requireEqual("logits", new float[] {1, 2}, new float[] {1, 2.1f}))
                .isInstanceOf(IOException.class)
                .hasMessage("what was written must be right: logits must be those in memory; got 2.1 at 1");
        assertThatThrownBy(() -> MaskedCheckpoint.requireEqual("logits", new float[2], new float[1]))
                .isInstanceOf(IOException.class);
    }

    /** Saves a base model and returns random masks for what was saved. */
    private MaskSet save(DType type) throws IOException {
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5)) {
            model.save(Files.createDirectories(base), type);
        }
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        try (LanguageModel model = LanguageModel.open(base)) {
            return Masks.of(model, TWO_OF_FOUR, 1);
        }
    }

    private static float[] logits(LanguageModel model) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor tokens = Tensors.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6}, 1, 8);
            return Tensors.toFloats(model.logits(model.hidden(tokens)));
        }
    }
}
