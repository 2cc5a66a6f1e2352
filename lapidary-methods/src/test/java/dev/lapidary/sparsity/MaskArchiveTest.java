package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.npy.NpzWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class MaskArchiveTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    @TempDir
    private Path folder;

    private LanguageModel model;
    private Path npz;

    @BeforeEach
    void create() {
        model = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5);
        npz = folder.resolve("mask.npz");
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void goldenMaskIsPackedAsNumPyPacksIt() throws IOException {
        JsonNode golden = LayerMaskTest.golden();
        LayerMask mask = LayerMask.of(Masks.Q, 4, 16, TWO_OF_FOUR, LayerMaskTest.bits(golden.path("mask")));
        MaskArchive.write(npz, Masks.set(TWO_OF_FOUR, mask));

        try (TensorFile file = TensorFile.open(npz)) {
            assertThat(file.tensors().keySet()).containsExactly(Masks.Q + ".mask");
            assertThat(file.tensor(Masks.Q + ".mask").toBytes())
                    .isEqualTo(LayerMaskTest.bytes(golden.path("numpy_packbits_msb_first")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4", "3:4", "1:2", "4:8", "1:8"})
    void whatIsExportedIsImportedWithItsPatternFound(String text) throws IOException {
        MaskSet set = Masks.of(model, SparsityPattern.parse(text), 3);
        MaskArchive.write(npz, set);

        MaskSet read = MaskArchive.read(npz, model, Optional.empty());

        assertThat(read.layers()).isEqualTo(set.layers());
        assertThat(List.copyOf(read.layers().keySet())).isEqualTo(model.prunable());
        assertThat(read.pattern()).hasToString(text);
        assertThat(read.baseDigest()).isEqualTo(model.digest());
        assertThat(read.method()).isEqualTo("npz");
        assertThat(read.settings()).containsExactly(Map.entry("importedFrom", "mask.npz"));
    }

    @Test
    void theSameMasksAreTheSameBytes() throws IOException {
        MaskSet set = Masks.of(model, TWO_OF_FOUR, 3);
        MaskArchive.write(npz, set);
        Path again = folder.resolve("again.npz");
        MaskArchive.write(again, MaskArchive.read(npz, model, Optional.of(TWO_OF_FOUR)));

        assertThat(again).hasSameBinaryContentAs(npz);
    }

    @Test
    void weightsWithoutAnEntryStayDense() throws IOException {
        MaskSet all = Masks.of(model, TWO_OF_FOUR, 3);
        LayerMask only = Masks.mask(all, Masks.DOWN);
        MaskArchive.write(npz, MaskSet.of(model, "wanda", TWO_OF_FOUR, List.of(only), new TreeMap<>()));

        MaskSet read = MaskArchive.read(npz, model, Optional.empty());

        assertThat(read.layers()).containsOnlyKeys(Masks.DOWN);
        assertThat(read.denseLayers()).hasSize(13).doesNotContain(Masks.DOWN);
    }

    @Test
    void updatedWeightsHaveNoPlace() {
        assertThatThrownBy(() -> MaskArchive.write(npz, Masks.updated(TWO_OF_FOUR)))
                .isInstanceOf(InputException.class)
                .hasMessage("masks exported as npz must be of unchanged weights, for which it has no place;"
                        + " got wanda masks with updated weights of 1 layers");
        assertThat(npz).doesNotExist();
    }

    @Test
    void transposedWeightsAreRefused() {
        LayerMask mask = Masks.layer("transformer.h.0.attn.c_attn.weight", 12, 4, TWO_OF_FOUR, 1);
        assertThatThrownBy(() -> MaskArchive.write(npz, Masks.set(TWO_OF_FOUR, mask)))
                .isInstanceOf(InputException.class)
                .hasMessage("npz masks must be of weights that files store as [out, in];"
                        + " got transformer.h.0.attn.c_attn.weight of a GPT-2");
    }

    @Test
    void everyEntryThatDoesNotMatchTheModelIsNamed() throws IOException {
        NpzWriter.write(
                npz,
                List.of(
                        TensorView.of(Masks.Q + ".mask", bits(0xCC, 32), 32),
                        TensorView.of("model.layers.9.mlp.up_proj.weight.mask", new byte[8], 8),
                        TensorView.of("model.norm.weight.mask", new byte[2], 2),
                        TensorView.of(Masks.DOWN, new byte[8], 8),
                        TensorView.of("model.layers.0.mlp.up_proj.weight.mask", new byte[3], 3),
                        TensorView.of("model.layers.0.mlp.gate_proj.weight.mask", new float[128], 128)));

        refused(
                npz + ": every entry must be the packed mask of a prunable weight of the model;"
                        + " got model.layers.9.mlp.up_proj.weight.mask, model.norm.weight.mask, " + Masks.DOWN
                        + ", model.layers.0.mlp.up_proj.weight.mask (U8 [3] where U8 [128] holds the bits of a weight"
                        + " [64, 16])",
                Optional.empty());
    }

    @Test
    void aGroupThatKeepsAnotherNumberIsRefused() throws IOException {
        byte[] bits = bits(0xCC, 32); // 1100 1100
        bits[7] = (byte) 0xCE;
        NpzWriter.write(npz, List.of(TensorView.of(Masks.Q + ".mask", bits, 32)));

        refused(
                npz + ": every group of the mask of " + Masks.Q + " must keep 2:4; got 3 of 4 in row 3 from column 12",
                Optional.of(TWO_OF_FOUR));
        refused(
                npz + ": all groups must keep the same N of every M inputs, M at most 16; got none that " + Masks.Q
                        + " keeps",
                Optional.empty());
    }

    @Test
    void layersOfDifferentPatternsAreRefused() throws IOException {
        NpzWriter.write(
                npz,
                List.of(
                        TensorView.of(Masks.Q + ".mask", bits(0xCC, 32), 32),
                        TensorView.of("model.layers.0.self_attn.k_proj.weight.mask", bits(0x88, 32), 32)));

        refused(
                "got none that model.layers.0.self_attn.k_proj.weight keeps of those that fit so far, [2:4",
                Optional.empty());
    }

    @Test
    void theTightestPatternThatFitsIsFound() throws IOException {
        NpzWriter.write(npz, List.of(TensorView.of(Masks.Q + ".mask", bits(0xAA, 32), 32))); // 1010: 1:2, 2:4, 4:8

        assertThat(MaskArchive.read(npz, model, Optional.empty()).pattern()).hasToString("1:2");
        assertThat(MaskArchive.read(npz, model, Optional.of(TWO_OF_FOUR)).pattern())
                .hasToString("2:4");
    }

    @Test
    void anythingButPackedMasksIsRefused() throws IOException {
        NpzWriter.write(npz, List.of());
        refused(npz + ": must hold masks; got none", Optional.empty());
        NpzWriter.write(npz, List.of(TensorView.of(Masks.Q + ".mask", new byte[32], 32)));
        refused("got none that " + Masks.Q + " keeps", Optional.empty());
        Files.write(npz, new byte[] {'P', 'K', 3, 4, 0});
        refused(npz.toString(), Optional.empty());
        Files.delete(npz);
        refused(npz.toString(), Optional.empty());
    }

    @Test
    void bitsAfterTheLastWeightMustBeZero() throws IOException {
        try (LanguageModel tiny = LanguageModel.create(ModelConfig.llama(9, 2, 1, 1, 8), 1)) { // q is [2, 2]: 4 bits
            NpzWriter.write(npz, List.of(TensorView.of(Masks.Q + ".mask", bits(0xA0, 1), 1)));
            assertThat(MaskArchive.read(npz, tiny, Optional.empty()).layers()).hasSize(1);
            NpzWriter.write(npz, List.of(TensorView.of(Masks.Q + ".mask", bits(0xA1, 1), 1)));
            assertThatThrownBy(() -> MaskArchive.read(npz, tiny, Optional.empty()))
                    .isInstanceOf(InputException.class)
                    .hasMessage(npz + ": bits after the last weight of " + Masks.Q + " must be 0; got a 1 at bit 7");
        }
        LayerMask mask = Masks.layer(Masks.Q, 3, 4, TWO_OF_FOUR, 1);
        assertThat(MaskArchive.pack(mask)).hasSize(2);
        assertThat(MaskArchive.pack(mask)[1] & 0x0F).isZero();
    }

    private void refused(String message, Optional<SparsityPattern> pattern) {
        assertThatThrownBy(() -> MaskArchive.read(npz, model, pattern))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(npz.toString())
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    private static byte[] bits(int value, int count) {
        byte[] bits = new byte[count];
        Arrays.fill(bits, (byte) value);
        return bits;
    }

    @Test
    void readingNamesTheLayersInTheModelsOrder() throws IOException {
        MaskSet set = Masks.of(model, TWO_OF_FOUR, 3);
        LinkedHashMap<String, LayerMask> reversed =
                new LinkedHashMap<>(set.layers().reversed());
        MaskArchive.write(
                npz,
                new MaskSet(set.baseDigest(), TWO_OF_FOUR, "wanda", reversed, new LinkedHashMap<>(), new TreeMap<>()));

        assertThat(List.copyOf(
                        MaskArchive.read(npz, model, Optional.empty()).layers().keySet()))
                .isEqualTo(model.prunable());
    }
}
