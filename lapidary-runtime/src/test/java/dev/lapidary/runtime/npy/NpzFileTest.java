package dev.lapidary.runtime.npy;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NpzFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"stored.npz", "deflated.npz"})
    void readsNumbersAndLabels(String name) throws IOException {
        try (TensorFile file = NumpyFiles.open(folder, name)) {
            assertThat(file.tensors().keySet()).containsExactly("embeddings");
            assertThat(file.tensor("embeddings").shape()).containsExactly(2L, 3L);
            assertThat(file.tensor("embeddings").toFloats()).containsExactly(0f, 1f, 2f, 3f, 4f, 5f);
            assertThat(file.strings("labels")).containsExactly("cat", "", "Zoë 🐈");
            assertThat(file.metadata()).isEmpty();
            assertThatThrownBy(() -> file.tensor("x"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must have a tensor 'x'; got 'embeddings', 'labels'");
            assertThatThrownBy(() -> file.strings("embeddings")).hasMessageContaining("got numbers");
        }
    }

    @Test
    void readingAfterCloseThrows() throws IOException {
        TensorFile file = NumpyFiles.open(folder, "stored.npz");
        TensorView view = file.tensor("embeddings");
        file.close();
        assertThatThrownBy(view::toFloats).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesOtherEntriesAndNamesThatClimb() throws IOException {
        byte[] array = NumpyFiles.bytes("bool");
        assertRefused(zip(Map.of("data.pkl", array)), "npy entries only; got 'data.pkl'");
        assertRefused(zip(Map.of("../up.npy", array)), "names must be plain; got '../up.npy'");
        assertRefused(zip(Map.of("a/../../up.npy", array)), "names must be plain");
        assertRefused(zip(Map.of("/etc/up.npy", array)), "names must be plain");
        assertRefused(zip(Map.of("..\\up.npy", array)), "names must be plain");
        assertRefused(zip(Map.of("line\nbreak.npy", array)), "names must be plain; got 'line?break.npy'");
        try (TensorFile file = open(zip(Map.of("layer/one.npy", array)))) {
            assertThat(file.tensors().keySet()).containsExactly("layer/one");
        }
        assertThat(folder.toFile().list()).containsExactly("arrays.npz");
    }

    @Test
    void refusesTwoEntriesOfOneName() throws IOException {
        Map<String, byte[]> two = Map.of("a.npy", NumpyFiles.bytes("bool"), "b.npy", NumpyFiles.bytes("bool"));
        byte[] bytes = new String(zip(two), StandardCharsets.ISO_8859_1)
                .replace("b.npy", "a.npy")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(bytes, "distinct names; got two 'a'");
    }

    @Test
    void refusesMoreThanTheMemoryThatThereIs() throws IOException {
        Path file = Files.write(folder.resolve("arrays.npz"), zip(Map.of("a.npy", zeros(1_000_000))));
        assertThat(Files.size(file)).isLessThan(2_000);
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> NpzFile.read(file, Files.size(file), arena, 500_000))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must fit in memory");
            assertThat(NpzFile.read(file, Files.size(file), arena, 2_000_000).tensors())
                    .extractingByKey("a", as(type(TensorView.class)))
                    .extracting(TensorView::count)
                    .isEqualTo(1_000_000L);
        }
    }

    @Test
    void countsMemoryOverAllEntries() throws IOException {
        Path file = Files.write(
                folder.resolve("arrays.npz"), zip(Map.of("a.npy", zeros(400_000), "b.npy", zeros(400_000))));
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> NpzFile.read(file, Files.size(file), arena, 700_000))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must fit in memory");
        }
    }

    @Test
    void refusesASizeThatDeflateCannotReach() throws IOException {
        byte[] bytes = zip(Map.of("a.npy", zeros(100)));
        int central = centralEntry(bytes);
        // uncompressed size of the central directory: nearly 4 GB
        bytes[central + 24] = -2;
        bytes[central + 25] = -1;
        bytes[central + 26] = -1;
        bytes[central + 27] = -1;
        assertRefused(bytes, "at most 1032 times as many; got a size of 4294967294");
    }

    @Test
    void refusesASizeThatTheArrayDoesNotHave() throws IOException {
        byte[] bytes = zip(Map.of("a.npy", zeros(100)));
        bytes[centralEntry(bytes) + 24]++;
        assertRefused(bytes, "must have 100 bytes; got 101");
    }

    @Test
    void refusesContentsBesideTheChecksum() throws IOException {
        byte[] bytes = NumpyFiles.bytes("stored.npz").clone();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\u0000\u0000\u0080?"); // 1f, little-endian
        bytes[at]++;
        assertRefused(bytes, "must have the checksum");
    }

    @Test
    void refusesArchivesThatAreNone() {
        assertRefused("PK\u0003\u0004".getBytes(StandardCharsets.ISO_8859_1), "whole zip archive");
        assertRefused("words".getBytes(StandardCharsets.ISO_8859_1), "whole zip archive");
    }

    @Test
    void readsAnArchiveOfNothing() throws IOException {
        byte[] bytes = new byte[22];
        System.arraycopy("PK\u0005\u0006".getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, 4);
        try (TensorFile file = open(bytes)) {
            assertThatThrownBy(() -> file.tensor("a")).hasMessageContaining("got an empty file");
        }
    }

    private void assertRefused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.toString())
                .hasMessageContaining(reason);
    }

    private TensorFile open(byte[] bytes) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("arrays.npz"), bytes));
    }

    private static int centralEntry(byte[] zip) {
        return new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    }

    private static byte[] zeros(int count) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + count + ",)}";
        out.write(NpyHeader.MAGIC);
        out.write(new byte[] {1, 0, (byte) text.length(), 0});
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[count]);
        return out.toByteArray();
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
