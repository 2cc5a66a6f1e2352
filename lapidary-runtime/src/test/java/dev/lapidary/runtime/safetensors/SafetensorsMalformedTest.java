package dev.lapidary.runtime.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.SparseFile;
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

/** One file for every rule of the format that a file can break. */
final class SafetensorsMalformedTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|header must begin with {; got byte 91",
                "` {}`|header must begin with {; got byte 32",
                "{'a'|Unexpected end-of-input",
                "{} {}|must end after one JSON object",
                "{},|must be JSON of the format",
                "{'a':1}|tensor 'a' must be an object; got a whole number",
                "{'a':{}}|got none of dtype",
                "{'a':{'dtype':'U8','shape':[8]}}|got none of data_offsets",
                "{'a':{'dtype':'U8','data_offsets':[0,8]}}|got none of shape",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8],'x':1}}|only; got x",
                "{'a':{'dtype':'U8','dtype':'U8','shape':[8],'data_offsets':[0,8]}}|Duplicate",
                "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'a':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}"
                        + "|Duplicate",
                "{'a':{'dtype':8,'shape':[8],'data_offsets':[0,8]}}|dtype of 'a' must be a string; got a whole number",
                "{'a':{'dtype':'F9','shape':[8],'data_offsets':[0,8]}}|must be one of [F64, F32",
                "{'a':{'dtype':'u8','shape':[8],'data_offsets':[0,8]}}|got u8",
                "{'a':{'dtype':'U8','shape':8,'data_offsets':[0,8]}}|shape of 'a' must be an array",
                "{'a':{'dtype':'U8','shape':[8.0],'data_offsets':[0,8]}}|must be a whole number; got a fraction",
                "{'a':{'dtype':'U8','shape':['8'],'data_offsets':[0,8]}}|must be a whole number; got a string",
                "{'a':{'dtype':'U8','shape':[[8]],'data_offsets':[0,8]}}|nesting depth",
                "{'a':{'dtype':'U8','shape':[-8,-1],'data_offsets':[0,8]}}|must not be negative; got -8",
                "{'a':{'dtype':'U8','shape':[9223372036854775808],'data_offsets':[0,8]}}|out of range",
                "{'a':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,8]}}|less than 2^63 bytes",
                "{'a':{'dtype':'F64','shape':[2305843009213693953],'data_offsets':[0,8]}}|less than 2^63 bytes",
                "{'a':{'dtype':'U8','shape':[7],'data_offsets':[0,8]}}|must span the 7 bytes of U8 [7]; got [0, 8]",
                "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,8]}}|must span the 16 bytes",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[8,0]}}|must span the 8 bytes",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[0]}}|must be two numbers; got 1",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8,8]}}|must be two numbers; got 3",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[-8,0]}}|must not be negative",
                "{'a':{'dtype':'U8','shape':[9],'data_offsets':[0,9]}}|fill the 8 bytes after the header; got 9",
                "{'a':{'dtype':'U8','shape':[7],'data_offsets':[0,7]}}|fill the 8 bytes after the header; got 7",
                "{'a':{'dtype':'U8','shape':[7],'data_offsets':[1,8]}}|must begin where the one before ends, at 0; got 1",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[9223372036854775800,9223372036854775807]}}|must span",
                "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}"
                        + "|tensor 'b' must begin where the one before ends, at 3; got 4",
                "{'a':{'dtype':'U8','shape':[5],'data_offsets':[0,5]},'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}"
                        + "|tensor 'b' must begin where the one before ends, at 5; got 4",
                "{'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8]},'b':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}}"
                        + "|tensor 'b' must begin where the one before ends, at 8; got 0",
                "{'__metadata__':[]}|__metadata__ must be an object; got an array",
                "{'__metadata__':{'a':1}}|__metadata__ 'a' must be a string; got a whole number",
                "{'__metadata__':{'a':null}}|__metadata__ 'a' must be a string",
                "{'__metadata__':{'a':'1','a':'2'}}|Duplicate",
                "{'a':{'b':{'c':{'d':{}}}}}|only; got b"
            })
    void isRefusedWithTheReason(String header, String reason) {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertRefused(file(json.length, json, 8), reason);
    }

    @Test
    void headerLengthBeyondTheFileOrTheLimitIsRefused() {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        assertRefused(file(3, json, 0), "header length of 3 where 2 to 2 is possible");
        assertRefused(file(0, json, 0), "header length of 0");
        assertRefused(file(-1, json, 0), "header length of 18446744073709551615");
        assertRefused(file(Long.MIN_VALUE, json, 0), "header length of 9223372036854775808");
    }

    @Test
    void headerBeyondTheLimitIsRefusedEvenInALargeFile() throws IOException {
        Path file = SparseFile.create(folder.resolve("large"), 200_000_000, file(100_000_001, new byte[] {'{'}, 0));
        assertThatThrownBy(() -> TensorFile.open(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("header length of 100000001 where 2 to 100000000 is possible");
    }

    @Test
    void headerThatIsNotUtf8IsRefused() {
        byte[] json =
                "{\"?\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}".getBytes(StandardCharsets.UTF_8);
        json[2] = (byte) 0xff;
        assertRefused(file(json.length, json, 0), "must be JSON");
        byte[] wide = "{}".getBytes(StandardCharsets.UTF_16LE);
        assertRefused(file(wide.length, wide, 0), "must be JSON");
    }

    @Test
    void deepNestingIsRefusedWithoutRecursion() {
        byte[] json = ("{\"a\":" + "[".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
        assertRefused(file(json.length, json, 0), "must be an object; got an array");
    }

    @Test
    void missingEmptyAndOtherFilesAreRefused() throws IOException {
        assertThatThrownBy(() -> TensorFile.open(folder.resolve("none")))
                .isInstanceOf(InputException.class)
                .hasMessage(folder.resolve("none") + ": must be an existing file; got nothing at this path");
        assertThatThrownBy(() -> TensorFile.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a file; got a folder");
        assertRefused(new byte[0], "got an empty file");
        assertRefused("id,text\n1,words\n".getBytes(StandardCharsets.UTF_8), "must be safetensors, npy or npz");
    }

    @Test
    void emptyFilesAndUnorderedTensorsAreFine() throws IOException {
        byte[] none = "{}".getBytes(StandardCharsets.UTF_8);
        try (TensorFile file = open(file(2, none, 0))) {
            assertThat(file.tensors()).isEmpty();
        }
        byte[] two = ("{'z':{'dtype':'U8','shape':[3],'data_offsets':[5,8]},'0':{'dtype':'F64','shape':[0,9],"
                        + "'data_offsets':[5,5]},'a':{'dtype':'U8','shape':[5],'data_offsets':[0,5]}}   ")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        try (TensorFile file = open(file(two.length, two, 8))) {
            assertThat(file.tensors().keySet()).containsExactly("z", "0", "a");
            assertThat(file.tensor("z").toLongs()).containsExactly(5, 6, 7);
            assertThat(file.tensor("0").toFloats()).isEmpty();
        }
    }

    @Test
    void misalignedTensorsAreReadAligned() throws IOException {
        byte[] json = ("{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},"
                        + "'b':{'dtype':'I32','shape':[1],'data_offsets':[3,7]}}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        try (TensorFile file = open(file(json.length, json, 7))) {
            assertThat(file.tensor("b").data().address() % 4).isZero();
            assertThat(file.tensor("b").toLongs()).containsExactly(0x06050403);
        }
    }

    /** Eight bytes of length, the header, then bytes 0, 1, 2, ... as data. */
    private static byte[] file(long length, byte[] header, int dataBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(header);
        for (int i = 0; i < dataBytes; i++) {
            bytes.put((byte) i);
        }
        return bytes.array();
    }

    private void assertRefused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining("; got")
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("file"), bytes));
    }
}
