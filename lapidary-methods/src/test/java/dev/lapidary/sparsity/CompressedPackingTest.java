package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.CompressedCheckpoint;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.StoredModel;
import dev.lapidary.linear.LowRankLinear;
import dev.lapidary.linear.MaskedLinear;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packing and pruning models whose layers are masked and low-rank: what each layer's form allows, and no other bytes. */
class CompressedPackingTest {
    private static final String DOWN = "model.layers.0.mlp.down_proj.weight";

    @TempDir
    private Path temporary;

    private Path base;
    private Path compressed;
    private Path ordinary;

    /** A model of a low-rank layer in a folder, and the same with matrices. */
    @BeforeEach
    void write() throws IOException {
        base = Files.createDirectory(temporary.resolve("base"));
        compressed = temporary.resolve("compressed");
        ordinary = temporary.resolve("ordinary");
        BytePairTrainer.train(
                List.of("one cat, two cats and some mice"), 262, base.resolve("tokenizer.json"), Progress.silent());
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(262, 16, 2, 2, 16), 5)) {
            model.save(base, DType.F32);
            model.replace(DOWN, LowRankLinear.nearest(model.parameter(DOWN), 3));
            CompressedCheckpoint.write(compressed, base, model, DType.F32);
            CompressedCheckpoint.materialise(compressed, ordinary, DType.F32);
        }
    }

    @ParameterizedTest
    @EnumSource(value = WeightType.class, mode = EnumSource.Mode.EXCLUDE, names = "F16")
    void aLayerWithoutKernelIsPackedAsItsMatrix(WeightType type) throws IOException {
        PackedCheckpoint.Packed packed = pack("packed", compressed, type);
        pack("expected", ordinary, type);

        assertThat(packed.dense()).isEqualTo(15);
        assertThat(bytes("packed")).isEqualTo(bytes("expected"));
    }

    private PackedCheckpoint.Packed pack(String out, Path folder, WeightType type) throws IOException {
        return PackedCheckpoint.write(
                temporary.resolve(out), folder, Optional.empty(), type, Optional.empty(), Progress.silent());
    }

    @Test
    void aLayerThatIsMaskedInTheFolderIsPackedAsUnderTheMask() throws IOException {
        MaskSet set;
        try (LanguageModel model = LanguageModel.open(base)) {
            set = Masks.of(model, SparsityPattern.TWO_OF_FOUR, 1);
            set.applyTo(model);
            assertThat(model.form(DOWN)).isInstanceOf(MaskedLinear.class);
            CompressedCheckpoint.Size size = CompressedCheckpoint.write(compressed, base, model, DType.F32);
            assertThat(size.multiplyAdds()).isEqualTo(set.weights() / 2);
            assertThat(size.bytes()).isEqualTo(4 * set.weights() / 2 + set.packedBytes());
        }
        PackedCheckpoint.Packed packed = pack("packed", compressed, WeightType.BF16);
        PackedCheckpoint.write(
                temporary.resolve("expected"),
                base,
                Optional.of(set),
                WeightType.BF16,
                Optional.empty(),
                Progress.silent());

        assertThat(packed.sparse()).isEqualTo(14);
        assertThat(bytes("packed")).isEqualTo(bytes("expected"));
    }

    @Test
    void ggufHoldsTheMatrix() throws IOException {
        PackedCheckpoint.writeGguf(
                temporary.resolve("packed"), rename(compressed), Optional.empty(), GgufType.F32, Progress.silent());
        PackedCheckpoint.writeGguf(
                temporary.resolve("expected"), rename(ordinary), Optional.empty(), GgufType.F32, Progress.silent());

        assertThat(bytes("packed")).isEqualTo(bytes("expected"));
    }

    /** The file names the model by its folder. */
    private static Path rename(Path folder) throws IOException {
        Path parent = Files.createDirectory(folder.resolveSibling("in-" + folder.getFileName()));
        return Files.move(folder, parent.resolve("model"));
    }

    private byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(temporary.resolve(file));
    }

    @Test
    void aMaskOverALayerInAnotherFormIsRefused() throws IOException {
        MaskSet set;
        try (LanguageModel model = LanguageModel.open(base)) {
            set = Masks.of(model, SparsityPattern.TWO_OF_FOUR, 1);
        }
        try (StoredModel stored = StoredModel.open(compressed)) {
            MaskSet named = new MaskSet(
                    stored.digest(), set.pattern(), set.method(), set.layers(), set.updatedWeights(), set.settings());

            assertThatThrownBy(() -> new MaskedValues(stored, Optional.of(named)).close())
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(DOWN + " as a dense weight; got a low-rank one");
        }
    }

    @Test
    void pruningAWeightThatIsNoMatrixIsRefused() throws IOException {
        try (LanguageModel model = LanguageModel.open(compressed)) {
            assertThatThrownBy(() -> OneShot.prune(
                            model,
                            new int[0],
                            new Magnitude(),
                            SparsityPattern.TWO_OF_FOUR,
                            OneShotSettings.defaults(),
                            Progress.silent(),
                            Cancellation.none()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(DOWN + " as a dense weight; got a low-rank one");
        }
    }
}
