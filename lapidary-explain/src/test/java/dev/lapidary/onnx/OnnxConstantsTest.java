package dev.lapidary.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxConstantsTest {
    @TempDir
    Path folder;

    private Path model() throws IOException {
        Path file = folder.resolve("model.onnx");
        new OnnxGraph("small")
                .input("x", OnnxGraph.Element.FLOAT, "n", 3)
                .constant("matrix", new float[] {1, -2.5f, 3e-30f, Float.MAX_VALUE, 0, -0f}, 2, 3)
                .constant("whole", new long[] {7})
                .constant("row", new float[] {4, 5})
                .node("MatMul", List.of("x", "matrix"), "y")
                .output("y", "n", 3)
                .write(file);
        return file;
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        Map<String, OnnxConstants.Constant> constants = OnnxConstants.read(model());

        assertThat(constants).containsOnlyKeys("matrix", "row");
        OnnxConstants.Constant matrix = Objects.requireNonNull(constants.get("matrix"));
        assertThat(matrix.shape()).containsExactly(2L, 3L);
        assertThat(matrix.values()).containsExactly(1, -2.5f, 3e-30f, Float.MAX_VALUE, 0, -0f);
        assertThat(Objects.requireNonNull(constants.get("row")).shape()).containsExactly(2L);
    }

    @Test
    void aFileThatIsCutOffIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(model());
        Path cut = folder.resolve("cut.onnx");
        int refused = 0;
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            try {
                assertThat(OnnxConstants.read(cut)).doesNotContainKey("nothing");
            } catch (InputException e) {
                assertThat(e).hasMessageStartingWith(cut + ": must be a whole ONNX model; got ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length / 2);
    }

    @Test
    void anyBytesAreReadOrRefused() throws IOException {
        byte[] whole = Files.readAllBytes(model());
        Path other = folder.resolve("other.onnx");
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 2000; i++) {
            byte[] changed = whole.clone();
            for (int k = 0; k < 3; k++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Files.write(other, changed);
            try {
                OnnxConstants.read(other)
                        .values()
                        .forEach(c -> assertThat(c.shape().stream().reduce(1L, (a, b) -> a * b))
                                .isEqualTo(c.values().length));
            } catch (InputException e) {
                assertThat(e).hasMessageContaining("must be a whole ONNX model");
            }
        }
    }

    /** A graph (field 7) of one constant (field 5), given in hexadecimal: its size, type 1, and perhaps bytes of its own. */
    @ParameterizedTest
    @CsvSource({
        "'08 02 10 01 4A 04 00 00 80 3F', of shape [2] with 4 bytes of its own",
        "'08 FF FF FF FF 7F 10 01', of shape [34359738367]",
        "'08 FF FF FF FF FF FF FF FF FF 01 10 01', of shape [-1]",
        "'0A 09 01 01 01 01 01 01 01 01 01 10 01', more than 8 axes",
        "'10 01 4A 7F 00', a field of 127 bytes where 1 are left",
        "'10 81 81 81 81 81 81 81 81 81 81 01', a number of more than 10 bytes",
        "'13', a field of an unknown kind",
        "'15 00', a field that is cut off",
    })
    void malformedConstantsAreNamed(String bytes, String message) throws IOException {
        String[] own = bytes.split(" ");
        byte[] file = new byte[own.length + 4];
        file[0] = 0x3A;
        file[1] = (byte) (own.length + 2);
        file[2] = 0x2A;
        file[3] = (byte) own.length;
        for (int i = 0; i < own.length; i++) {
            file[4 + i] = (byte) Integer.parseInt(own[i], 16);
        }
        Path path = Files.write(folder.resolve("bad.onnx"), file);
        assertThatThrownBy(() -> OnnxConstants.read(path))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertThatThrownBy(() -> OnnxConstants.read(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be an ONNX file of at most 1073741824 bytes; got no file");
    }
}
