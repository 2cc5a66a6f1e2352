package dev.lapidary.runtime.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsFileTest {
    private static final String GOLDEN_HEADER = "{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\"},"
            + "\"m\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}";

    @TempDir
    Path folder;

    private Path golden() throws IOException {
        Path file = folder.resolve("golden.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        TensorView.of("m", new byte[] {1, 2, (byte) 255}, 3),
                        TensorView.of("w", new float[] {1f, -2.5f}, 2, 1)),
                Map.of("b", "2", "a", "1"));
        return file;
    }

    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        int padded = (GOLDEN_HEADER.length() + 7) / 8 * 8;
        String header = GOLDEN_HEADER + " ".repeat(padded - GOLDEN_HEADER.length());
        String expected = HexFormat.of().toHexDigits((byte) padded) + "00000000000000"
                + HexFormat.of().formatHex(header.getBytes(StandardCharsets.US_ASCII)) + "0000803f000020c0" + "0102ff";
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(golden()))).isEqualTo(expected);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        try (TensorFile file = TensorFile.open(golden())) {
            assertThat(file.tensors().keySet()).containsExactly("m", "w");
            assertThat(file.metadata()).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(file.tensor("m").toLongs()).containsExactly(1, 2, 255);
            assertThat(file.tensor("w").shape()).containsExactly(2L, 1L);
            assertThat(file.tensor("w").toFloats()).containsExactly(1f, -2.5f);
            assertThat(file.tensor("w").data().isReadOnly()).isTrue();
        }
    }

    @Test
    void readingAfterCloseThrows() throws IOException {
        TensorFile file = TensorFile.open(golden());
        TensorView view = file.tensor("w");
        file.close();
        file.close();
        assertThatThrownBy(view::toFloats).isInstanceOf(IllegalStateException.class);
    }
}
