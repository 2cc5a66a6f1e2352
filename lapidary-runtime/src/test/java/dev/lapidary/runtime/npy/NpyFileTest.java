package dev.lapidary.runtime.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"<f2,F16", "<f4,F32", "<f8,F64", ">f2,F16", ">f4,F32", ">f8,F64"})
    void readsFloatsOfEveryWidthAndByteOrder(String kind, DType dtype) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "float" + kind)) {
            TensorView view = file.tensor("");
            assertThat(view.dtype()).isEqualTo(dtype);
            assertThat(view.shape()).containsExactly(4L);
            assertThat(view.toFloats()).containsExactly(0.5f, -2f, Float.NaN, Float.POSITIVE_INFINITY);
            assertThat(view.toDoubles()).containsExactly(0.5, -2, Double.NaN, Double.POSITIVE_INFINITY);
        }
    }

    @ParameterizedTest
    @CsvSource({"i1,8,I8", "<i2,16,I16", "<i4,32,I32", "<i8,64,I64", ">i2,16,I16", ">i4,32,I32", ">i8,64,I64"})
    void readsIntegersOfEveryWidthAndByteOrder(String kind, int bits, DType dtype) throws IOException {
        long max = Long.MAX_VALUE >> (64 - bits);
        try (TensorFile file = NumpyFiles.open(folder, "int" + kind)) {
            assertThat(file.tensor("").dtype()).isEqualTo(dtype);
            assertThat(file.tensor("").toLongs()).containsExactly(-max - 1, -1, max);
        }
    }

    @ParameterizedTest
    @CsvSource({"u1,8,U8", "<u2,16,I32", "<u4,32,I64", ">u2,16,I32", ">u4,32,I64"})
    void widensUnsignedIntegers(String kind, int bits, DType dtype) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "unsigned" + kind)) {
            assertThat(file.tensor("").dtype()).isEqualTo(dtype);
            assertThat(file.tensor("").toLongs()).containsExactly(0, 1, (1L << bits) - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<", ">"})
    void readsUnsigned64BitIntegersThatFit(String order) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "unsigned" + order + "u8")) {
            assertThat(file.tensor("").dtype()).isEqualTo(DType.I64);
            assertThat(file.tensor("").toLongs()).containsExactly(0, Long.MAX_VALUE);
        }
    }

    @Test
    void readsBooleansScalarsAndEmptyArrays() throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "bool")) {
            assertThat(file.tensor("").dtype()).isEqualTo(DType.BOOL);
            assertThat(file.tensor("").toFloats()).containsExactly(1f, 0f);
        }
        try (TensorFile file = NumpyFiles.open(folder, "scalar")) {
            assertThat(file.tensor("").shape()).isEmpty();
            assertThat(file.tensor("").toFloats()).containsExactly(1.5f);
        }
        try (TensorFile file = NumpyFiles.open(folder, "empty")) {
            assertThat(file.tensor("").shape()).containsExactly(0L, 3L);
            assertThat(file.tensor("").toFloats()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"version2", "version3", "fortran2", "fortran2>", "fortran-u2"})
    void readsEveryVersionAndOrderAsRowMajor(String name) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, name)) {
            assertThat(file.tensor("").shape()).containsExactly(2L, 3L);
            assertThat(file.tensor("").toFloats()).containsExactly(0f, 1f, 2f, 3f, 4f, 5f);
        }
    }

    @Test
    void transposesFortranOrderOfThreeDimensions() throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "fortran3")) {
            assertThat(file.tensor("").shape()).containsExactly(2L, 3L, 4L);
            long[] values = file.tensor("").toLongs();
            for (int i = 0; i < 24; i++) {
                assertThat(values[i]).isEqualTo(i);
            }
        }
    }

    @Test
    void transposesFortranOrderLargerThanABlock() throws IOException {
        int rows = 70;
        int columns = 45;
        ByteBuffer data = ByteBuffer.allocate(rows * columns * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                data.putInt(r * columns + c);
            }
        }
        try (TensorFile file = open(
                "{'descr': '<i4', 'fortran_order': True, 'shape': (" + rows + ", " + columns + "), }", data.array())) {
            long[] values = file.tensor("").toLongs();
            for (int i = 0; i < rows * columns; i++) {
                assertThat(values[i]).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text<", "text>"})
    void readsText(String name) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, name)) {
            assertThat(file.strings("")).containsExactly("cat", "", "Zoë 🐈");
            assertThat(file.tensors()).isEmpty();
            assertThatThrownBy(() -> file.tensor("")).hasMessageContaining("must hold numbers; got strings");
        }
    }

    @Test
    void readsBytesAndFortranOrderOfText() throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, "bytes")) {
            assertThat(file.strings("")).containsExactly("cat", "", "Zoë");
        }
        try (TensorFile file = NumpyFiles.open(folder, "fortran-text")) {
            assertThat(file.strings("")).containsExactly("0", "1", "2", "3", "4", "5");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "objects,got Python objects (pickle)",
        "complex,got <c16",
        "date,got <M8[D]",
        "record,got a record of several",
        "too-large,got 9223372036854775808"
    })
    void refusesWhatIsNoPlainArray(String name, String reason) {
        assertThatThrownBy(() -> NumpyFiles.open(folder, name))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x|end after one dictionary",
                "{'descr': '<f4', 'fortran_order': False}|got fewer",
                "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}|got 'descr' twice",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}|keys descr, fortran_order and shape only",
                "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}|True or False",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}|a number in parentheses",
                "{'descr': '<f4', 'fortran_order': False, 'shape': [2]}|have ( at position",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}|size of 1 to 18 digits",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2,)}|a comma or )",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,)}|size of 1 to 18 digits",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999, 999999999999999999)}|less than 2^63",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999,)}|got 8",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}|must have 12 bytes; got 8",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}|must have 4 bytes; got 8",
                "{'descr': '<U0', 'fortran_order': False, 'shape': (999999999999999999,)}|must have 0 bytes; got 8",
                "{'descr': '<U999999999', 'fortran_order': False, 'shape': (2,)}|got <U999999999",
                "{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}|got <f3",
                "{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}|got f4",
                "{'descr': '<f4\\'', 'fortran_order': False, 'shape': (2,)}|plain quoted string",
                "__import__('os')|have { at position 0; got _",
                "{'descr': '<f4'|have } at position",
                "``|have { at position 0; got its end"
            })
    void refusesMalformedHeaders(String text, String reason) {
        assertThatThrownBy(() -> open(text, new byte[8]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("; got ");
    }

    @Test
    void refusesTextWithoutEndOfNoBytes() {
        assertThatThrownBy(() ->
                        open("{'descr': '<U0', 'fortran_order': False, 'shape': (999999999999999,)}", new byte[0]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have at most");
    }

    @Test
    void refusesMoreDimensionsThanNumpyHas() {
        assertThatThrownBy(() -> open(
                        "{'descr': '<f4', 'fortran_order': True, 'shape': (" + "1,".repeat(65) + ")}", new byte[4]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at most 64 sizes; got 65");
    }

    @Test
    void refusesTextThatIsNotUnicode() {
        assertThatThrownBy(() -> open(
                        "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", new byte[] {0, (byte) 0xd8, 0, 0}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got code 55296");
        assertThatThrownBy(() -> open("{'descr': '|S1', 'fortran_order': False, 'shape': (1,)}", new byte[] {-1}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be UTF-8");
    }

    @Test
    void refusesUnknownVersionsAndHugeHeaders() {
        byte[] version = NumpyFiles.bytes("bool").clone();
        version[6] = 4;
        assertThatThrownBy(() -> open(version)).hasMessageContaining("got 4.0");
        byte[] huge = NumpyFiles.bytes("version2").clone();
        huge[11] = 0x7f;
        assertThatThrownBy(() -> open(huge)).hasMessageContaining("npy header must have at most 1048576 bytes");
    }

    @Test
    void readsShapesOfPython2AndKeysInAnyOrder() throws IOException {
        try (TensorFile file =
                open("{\"shape\": (2L,), \"fortran_order\": False, \"descr\": \"|u1\"}\n", new byte[] {7, 8})) {
            assertThat(file.tensor("").toLongs()).containsExactly(7, 8);
        }
    }

    @Test
    void alignsDataThatIsNot() throws IOException {
        // 10 bytes before the text, which is made to end at an odd place
        String text = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}";
        text += " ".repeat((3 - (10 + text.length()) % 8 + 8) % 8);
        byte[] data = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(Math.PI)
                .array();
        try (TensorFile file = open(text, data)) {
            assertThat(file.tensor("").data().address() % 8).isZero();
            assertThat(file.tensor("").toDoubles()).containsExactly(Math.PI);
        }
    }

    private TensorFile open(String text, byte[] data) throws IOException {
        byte[] header = text.getBytes(StandardCharsets.ISO_8859_1);
        return open(ByteBuffer.allocate(10 + header.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(NpyHeader.MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) header.length)
                .put(header)
                .put(data)
                .array());
    }

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("array.npy"), bytes));
    }
}
