package dev.lapidary.runtime.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    private static final int HALF = 0x3c00; // 1 in half precision

    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void path() {
        path = folder.resolve("a.gguf");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyKindOfMetadataIsRead(int version) throws IOException {
        GgufBytes bytes = GgufBytes.header(version, 0, 14);
        bytes.text("a").u32(0).u8(200).text("b").u32(1).u8(200).text("c").u32(2).u16(65_000);
        bytes.text("d")
                .u32(3)
                .u16(65_000)
                .text("e")
                .u32(4)
                .u32(-1)
                .text("f")
                .u32(5)
                .u32(-1);
        bytes.text("g").u32(6).f32(0.1f).text("h").u32(7).u8(1).text("i").u32(8).text("ü");
        bytes.text("j").u32(9).u32(8).u64(2).text("x").text("y");
        bytes.text("k")
                .u32(10)
                .u64(Long.MAX_VALUE)
                .text("l")
                .u32(11)
                .u64(-5)
                .text("m")
                .u32(12)
                .f64(0.1);
        bytes.text("n").u32(9).u32(9).u64(1).u32(5).u64(2).u32(1).u32(-2);
        try (GgufFile file = GgufFile.open(bytes.write(path))) {
            GgufMetadata read = file.metadata();
            assertThat(read.whole("a")).isEqualTo(200);
            assertThat(read.whole("b")).isEqualTo(-56);
            assertThat(read.whole("c")).isEqualTo(65_000);
            assertThat(read.whole("d")).isEqualTo(-536);
            assertThat(read.whole("e")).isEqualTo(0xffffffffL);
            assertThat(read.whole("f")).isEqualTo(-1);
            assertThat(read.number("g")).isEqualTo(0.1f);
            assertThat(read.truth("h", false)).isTrue();
            assertThat(read.text("i")).isEqualTo("ü");
            assertThat(read.texts("j")).containsExactly("x", "y");
            assertThat(read.whole("k")).isEqualTo(Long.MAX_VALUE);
            assertThat(read.whole("l")).isEqualTo(-5);
            assertThat(read.number("m")).isEqualTo(0.1);
            assertThat(read.values().get("n")).isInstanceOf(GgufValue.Items.class);
            assertThat(file.tensors()).isEmpty();
        }
    }

    @Test
    void tensorsAreReadByTheirDefinition() throws IOException {
        GgufBytes bytes = GgufBytes.header(3, 5, 0);
        bytes.tensor("f32", 0, 0, 3, 2).tensor("f16", 1, 32, 2).tensor("bf16", 30, 64, 2);
        bytes.tensor("q8", 8, 96, 32, 2).tensor("q4", 2, 192, 32).align(32);
        bytes.f32(1).f32(2).f32(3).f32(4).f32(5).f32(6).align(32);
        bytes.u16(0x3800).u16(0xc000).align(32).u16(0x3f80).u16(0xc049).align(32);
        bytes.u16(HALF);
        for (int i = 0; i < 32; i++) {
            bytes.u8(i - 16);
        }
        bytes.u16(0xb800); // -0.5
        for (int i = 0; i < 32; i++) {
            bytes.u8(i == 0 ? 127 : -128);
        }
        bytes.align(32).u16(0x4000); // 2
        for (int i = 0; i < 16; i++) {
            bytes.u8(i | (15 - i) << 4);
        }
        try (GgufFile file = GgufFile.open(bytes.write(path))) {
            assertThat(file.tensor("f32").shape()).containsExactly(2L, 3L);
            assertThat(file.tensor("f32").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
            float[] row = new float[4];
            file.tensor("f32").row(1, row, 1);
            assertThat(row).containsExactly(0, 4, 5, 6);
            assertThat(file.tensor("f16").toFloats()).containsExactly(0.5f, -2);
            assertThat(file.tensor("bf16").toFloats()).containsExactly(1, -3.140625f);
            float[] q8 = file.tensor("q8").toFloats();
            assertThat(q8).hasSize(64).startsWith(-16, -15).endsWith(64, 64);
            assertThat(q8[32]).isEqualTo(-63.5f);
            float[] q4 = file.tensor("q4").toFloats();
            assertThat(q4).startsWith(-16, -14, -12).endsWith(-12, -14, -16);
            assertThat(q4[15]).isEqualTo(14);
            assertThat(q4[16]).isEqualTo(14);
            assertThatThrownBy(() -> file.tensor("q8").row(2, new float[32], 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> file.tensor("none"))
                    .isInstanceOf(InputException.class)
                    .hasMessage(path + ": must have a tensor 'none'; got 5 others");
        }
    }

    @Test
    void anotherAlignmentMovesTheData() throws IOException {
        GgufBytes bytes =
                GgufBytes.header(3, 1, 1).text("general.alignment").u32(4).u32(256);
        bytes.tensor("t", 0, 256, 1).align(256).align(256).u8(new int[256]).f32(7);
        try (GgufFile file = GgufFile.open(bytes.write(path))) {
            assertThat(file.tensor("t").toFloats()).containsExactly(7);
        }
    }

    @Test
    void whatIsNoGgufIsRefused() throws IOException {
        refused(new GgufBytes(), "must have at least 24 bytes; got 0");
        refused(new GgufBytes().raw("GGML").u32(3).u64(0).u64(0), "must begin with GGUF; got bytes 47474d4c");
        refused(GgufBytes.header(1, 0, 0), "version must be 2 or 3; got 1");
        refused(GgufBytes.header(0x03000000, 0, 0), "got one in big-endian");
        assertThatThrownBy(() -> GgufFile.open(folder)).hasMessageContaining("got a folder");
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("x"))).hasMessageContaining("got nothing");
    }

    @Test
    void countsThatDoNotFitTheFileAreRefused() throws IOException {
        refused(GgufBytes.header(3, -1, 0), "the number of tensors must be less than 2^63");
        refused(
                GgufBytes.header(3, 1L << 40, 0),
                "the tensors must fit in the file, which has room for 0; got 1099511627776");
        refused(GgufBytes.header(3, 0, 1), "the metadata values must fit in the file");
        refused(GgufBytes.header(3, 0, 1).u64(1L << 50).u64(0), "bytes of the key of metadata value 0");
        refused(
                GgufBytes.header(3, 0, 1).text("a").u32(9).u32(0).u64(1L << 40),
                "the items of 'a' must fit in the file, which has room for 0; got 1099511627776");
        refused(
                GgufBytes.header(3, 0, 1).text("a").u32(9).u32(8).u64(2).u64(0),
                "the items of 'a' must fit in the file, which has room for 1; got 2");
        refused(GgufBytes.header(3, 0, 1).text("a").u32(8).u64(9).raw("abc"), "bytes of 'a'");
        refused(GgufBytes.header(3, 0, 1).text("aaaaa").u32(12).u32(0), "the file must not end within aaaaa");
    }

    @Test
    void malformedMetadataIsRefused() throws IOException {
        refused(GgufBytes.header(3, 0, 1).text("a").u32(13).u32(0), "the kind of 'a' must be from 0 to 12; got 13");
        refused(
                GgufBytes.header(3, 0, 1).text("a").u32(9).u32(-1).u64(0),
                "the items of 'a' must be from 0 to 12; got 4294967295");
        refused(
                GgufBytes.header(3, 0, 1).text("a").u32(10).u64(-1),
                "'a' must be less than 2^63; got 18446744073709551615");
        refused(GgufBytes.header(3, 0, 1).text("a").u32(8).u64(1).u8(0xff), "'a' must be UTF-8");
        refused(
                GgufBytes.header(3, 0, 2)
                        .text("a")
                        .u32(0)
                        .u8(1)
                        .text("a")
                        .u32(0)
                        .u8(1),
                "distinct; got 'a' twice");
        refused(GgufBytes.header(3, 0, 1).text("general.alignment").u32(4).u32(48), "a power of two; got 48");
        refused(GgufBytes.header(3, 0, 1).text("general.alignment").u32(4).u32(0), "from 1 to 1048576; got 0");
        GgufBytes deep = GgufBytes.header(3, 0, 1).text("a").u32(9);
        for (int i = 0; i < 9; i++) {
            deep.u32(9).u64(1);
        }
        refused(deep.u64(0).u64(0), "arrays at most 4 deep");
    }

    @Test
    void malformedTensorsAreRefused() throws IOException {
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 0, 0, 1, 1, 1, 1, 1), "'t' must have at most 4 dimensions; got 5");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 12, 0, 256), "'t' must be F32, F16, Q4_0, Q8_0, BF16; got Q4_K");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 99, 0, 256), "got type 99");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 8, 0, 33), "rows of whole blocks of 32");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 0, 0, 1L << 40, 1L << 40), "less than 2^63 bytes");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 0, 0, -1), "a size of tensor 't' must be less than 2^63");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 0, 4, 1), "offset of tensor 't' must be a multiple of 32; got 4");
        tensor(
                GgufBytes.header(3, 1, 0).tensor("t", 0, 0, 17),
                "'t' must end within the 64 bytes of data; got 68 bytes at offset 0");
        tensor(GgufBytes.header(3, 1, 0).tensor("t", 0, 1L << 62, 1), "'t' must end within the 64 bytes");
        tensor(GgufBytes.header(3, 2, 0).tensor("t", 0, 0, 1).tensor("t", 0, 32, 1), "distinct; got 't' twice");
        tensor(
                GgufBytes.header(3, 2, 0).tensor("u", 0, 32, 4).tensor("t", 0, 0, 9),
                "tensors must not overlap; got 't' and 'u'");
    }

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        GgufBytes bytes = GgufBytes.header(3, 1, 3)
                .text("a")
                .u32(9)
                .u32(8)
                .u64(2)
                .text("x")
                .text("y");
        bytes.text("b")
                .u32(6)
                .f32(1)
                .text("c")
                .u32(8)
                .text("text")
                .tensor("t", 0, 0, 8)
                .align(32);
        for (int i = 0; i < 8; i++) {
            bytes.f32(i);
        }
        GgufFile.open(bytes.write(path)).close();
        for (int length = 0; length < bytes.length(); length++) {
            bytes.write(path, length);
            assertThatThrownBy(() -> GgufFile.open(path))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(path + ": ");
        }
    }

    @Test
    void metadataOfTheWrongKindIsNamed() throws IOException {
        try (GgufFile file =
                GgufFile.open(GgufBytes.header(3, 0, 1).text("a").u32(0).u8(1).write(path))) {
            assertThatThrownBy(() -> file.metadata().text("a")).hasMessage(path + ": a must be a string; got UINT8");
            assertThatThrownBy(() -> file.metadata().texts("a")).hasMessage(path + ": a must be an array; got UINT8");
            assertThatThrownBy(() -> file.metadata().whole("b"))
                    .hasMessage(path + ": b must be a whole number; got nothing");
        }
    }

    private void tensor(GgufBytes bytes, String message) throws IOException {
        refused(bytes.align(32).u8(new int[64]), message);
    }

    private void refused(GgufBytes bytes, String message) throws IOException {
        bytes.write(path);
        assertThatThrownBy(() -> GgufFile.open(path))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }
}
