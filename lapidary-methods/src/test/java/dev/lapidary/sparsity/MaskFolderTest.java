package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskFolderTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    @TempDir
    private Path temporary;

    private Path folder;
    private Path manifest;
    private Path tensors;

    @BeforeEach
    void name() {
        folder = temporary.resolve("masks");
        manifest = folder.resolve("lapidary.json");
        tensors = folder.resolve("mask.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4", "4:8", "1:2"})
    void whatIsWrittenIsReadBack(String pattern) {
        MaskSet set = Masks.updated(SparsityPattern.parse(pattern));

        MaskFolder.write(folder, set);

        assertThat(MaskFolder.read(folder)).isEqualTo(set);
    }

    @Test
    void equalityOfSetsSeesEveryPart() {
        MaskSet set = Masks.updated(TWO_OF_FOUR);
        float[] other = Masks.weights(set, Masks.DOWN).clone();
        other[Masks.mask(set, Masks.DOWN).keptPlaces()[0]]++;
        var changed = new LinkedHashMap<String, float[]>(Map.of(Masks.DOWN, other));

        assertThat(set.withUpdatedWeights(changed)).isNotEqualTo(set);
        assertThat(set.withUpdatedWeights(new LinkedHashMap<>())).isNotEqualTo(set);
        assertThat(Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 4, 8, TWO_OF_FOUR, 1)))
                .isNotEqualTo(Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 4, 8, TWO_OF_FOUR, 2)));
    }

    @Test
    void onlyKeptUpdatedWeightsAreStoredAndTheRestComesBackAsZeros() throws IOException {
        MaskSet set = Masks.updated(TWO_OF_FOUR);
        MaskFolder.write(folder, set);

        try (TensorFile file = TensorFile.open(tensors)) {
            assertThat(file.tensor(Masks.DOWN + ".values").shape()).containsExactly(24L);
        }
        LayerMask mask = Masks.mask(set, Masks.DOWN);
        float[] read = Masks.weights(MaskFolder.read(folder), Masks.DOWN);
        for (int i = 0; i < read.length; i++) {
            boolean kept = mask.keeps(i / mask.columns(), i % mask.columns());
            assertThat(read[i]).isEqualTo(kept ? Masks.weights(set, Masks.DOWN)[i] : 0f);
        }
    }

    @Test
    void twoOfFourTakesTwoThirdsOfABitPerWeight() throws IOException {
        MaskSet set = Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 300, 400, TWO_OF_FOUR, 1));
        MaskFolder.write(folder, set);

        assertThat(set.packedBytes()).isEqualTo(10_000);
        assertThat(set.bitsPerWeight()).isEqualTo(2.0 / 3);
        assertThat(Files.size(tensors)).isBetween(10_000L, 10_200L);
    }

    @Test
    void theSameMasksAreTheSameBytes() throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        Path again = temporary.resolve("again");
        MaskFolder.write(again, MaskFolder.read(folder));

        for (String name : List.of("lapidary.json", "mask.safetensors")) {
            assertThat(again.resolve(name)).hasSameBinaryContentAs(folder.resolve(name));
        }
    }

    @Test
    void aFolderOfSomethingElseIsNotReplaced() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("thesis.txt"), "x");

        assertThatThrownBy(() -> MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got one with thesis.txt");
        assertThat(folder).isDirectoryNotContaining("glob:**mask.safetensors");
    }

    @Test
    void missingPiecesAreNamed() throws IOException {
        refused("masks must be a folder; got " + folder);
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        Files.delete(tensors);
        refused(folder + ": a mask folder must hold mask.safetensors; got none");
        Files.delete(manifest);
        refused(folder + ": a mask folder must hold lapidary.json; got none");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lapidary-mask\" | lapidary-concept-classifier\" | format must be lapidary-mask version 1; got lapidary-concept",
                "\"version\" : 1 | \"version\" : 2 | format must be lapidary-mask version 1; got lapidary-mask version 2",
                "\"1010\" | \"1001\" | patterns of 2:4 must be in the order [1100, 1010, 1001, 0110, 0101, 0011]; got",
                "\"2:4\" | \"1:4\" | patterns of 1:4 must be in the order [1000, 0100, 0010, 0001]; got",
                "\"2:4\" | \"24\" | a pattern must read N:M, such as 2:4; got 24",
                "\"2:4\" | \"8:16\" | a pattern N:M must have at most 70 choices; got 8:16",
                "\"rows\" : 5 | \"rows\" : 6 | .q_proj.weight.codes must be U8 [6]; got U8 [5]",
                "\"rows\" : 5 | \"rows\" : 0 | must have rows, and columns in a multiple of 4; got [0, 12]",
                "\"rows\" : 5 | \"rows\" : -5 | must have rows, and columns in a multiple of 4; got [-5, 12]",
                "\"columns\" : 12 | \"columns\" : 10 | must have rows, and columns in a multiple of 4; got [5, 10]",
                "\"rows\" : 5 | \"rows\" : 2147483647 | .q_proj.weight.codes must be U8 [2147483647]; got U8 [5]",
                "\"rows\" : 5 | \"rows\" : 21474836470 | must be the JSON of a mask folder; got: ",
                "\"updated\" : true | \"updated\" : false | must hold the 2 tensors of its layers; got 3",
                "\"updated\" : false | \"updated\" : true | must have a tensor 'model.layers.0.self_attn.q_proj.weight.values'",
                "self_attn.q_proj | self_attn.k_proj | must have a tensor 'model.layers.0.self_attn.k_proj.weight.codes'",
                "mlp.down_proj | self_attn.q_proj | .q_proj.weight.codes must be U8 [4]; got U8 [5]",
                "\"method\" : \"wanda\" | \"method\" : null | must be the JSON of a mask folder; got: ",
                "\"method\" : \"wanda\", | '' | must be the JSON of a mask folder; got: ",
                "\"settings\" | \"more\" : 1, \"settings\" | must be the JSON of a mask folder; got: ",
                "\"sequences\" | \"denseWeights\" : \"-1\", \"sequences\" | setting denseWeights must be a whole number; got -1",
            })
    void anAlteredManifestIsRefused(String from, String to, String message) throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        alter(text -> {
            assertThat(text).contains(from);
            return text.replaceFirst(Pattern.quote(from), to);
        });

        refused(message);
    }

    @Test
    void brokenJsonIsRefused() throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        alter(text -> text.substring(0, text.length() / 2));
        refused("must be the JSON of a mask folder; got: ");
        alter(text -> "null");
        refused("format must be lapidary-mask version 1; got null");
    }

    @Test
    void anAlteredTensorFileIsRefused() throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        byte[] bytes = Files.readAllBytes(tensors);
        bytes[bytes.length - 1] ^= 1;
        Files.write(tensors, bytes);

        refused(tensors + ": must be as it was written, digest ");
    }

    @Test
    void wrongTensorsAreRefusedEvenWithTheirOwnChecksum() throws IOException {
        byte[] codes = new byte[5];
        codes[3] = (byte) 216; // 6 * 6 * 6, the first byte that three digits do not make
        replace(TensorView.of(Masks.Q + ".codes", codes, 5));
        refused(
                ".q_proj.weight: packed 2:4 codes must hold digits below 6 and end in zeros; got another word at byte 3");
        replace(TensorView.of(Masks.Q + ".codes", new byte[4], 4));
        refused(".q_proj.weight.codes must be U8 [5]; got U8 [4]");
        replace(TensorView.of(Masks.Q + ".codes", new float[5], 5));
        refused(".q_proj.weight.codes must be U8 [5]; got F32 [5]");
        replace(TensorView.of(Masks.Q + ".codes", new byte[5], 1, 5));
        refused(".q_proj.weight.codes must be U8 [5]; got U8 [1, 5]");
        replace(TensorView.of(Masks.DOWN + ".values", new float[23], 23));
        refused(".down_proj.weight.values must be F32 [24]; got F32 [23]");
        float[] values = new float[24];
        values[5] = Float.NaN;
        replace(TensorView.of(Masks.DOWN + ".values", values, 24));
        refused("updated weights of model.layers.0.mlp.down_proj.weight must be finite; got NaN");
        replace(TensorView.of("more", new float[1], 1));
        refused("must hold the 3 tensors of its layers; got 4");
    }

    @Test
    void aTruncatedTensorFileIsRefusedEvenWithItsOwnChecksum() throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        byte[] bytes = Files.readAllBytes(tensors);
        String old = Sha256.of(tensors);
        Files.write(tensors, Arrays.copyOf(bytes, bytes.length - 8));
        String now = Sha256.of(tensors);
        alter(text -> text.replace(old, now));

        refused(tensors.toString());
    }

    /** Writes the folder again with one tensor changed or added, and its checksum. */
    private void replace(TensorView other) throws IOException {
        MaskFolder.write(folder, Masks.updated(TWO_OF_FOUR));
        String old = Sha256.of(tensors);
        List<TensorView> views = new ArrayList<>();
        try (TensorFile file = TensorFile.open(tensors)) {
            for (TensorView view : file.tensors().values()) {
                if (!view.name().equals(other.name())) {
                    views.add(
                            view.dtype() == DType.U8
                                    ? TensorView.of(view.name(), view.toBytes(), view.count())
                                    : TensorView.of(view.name(), view.toFloats(), view.count()));
                }
            }
        }
        views.add(other);
        SafetensorsWriter.write(tensors, views, Map.of());
        String now = Sha256.of(tensors);
        alter(text -> text.replace(old, now));
    }

    private void alter(UnaryOperator<String> change) throws IOException {
        Files.writeString(manifest, change.apply(Files.readString(manifest)));
    }

    private void refused(String message) {
        assertThatThrownBy(() -> MaskFolder.read(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }
}
