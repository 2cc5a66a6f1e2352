package dev.lapidary.runtime.tensorfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.npy.NumpyFiles;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes a file has, it opens or is refused as bad input; nothing else is thrown and nothing else is read. */
final class HostileFilesTest {
    @TempDir
    Path folder;

    private int files;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "safetensors",
                "float<f4",
                "float>f8",
                "fortran3",
                "text<",
                "version3",
                "stored.npz",
                "deflated.npz"
            })
    void everyTruncationIsRefused(String name) throws IOException {
        byte[] bytes = bytes(name);
        assertThat(opens(bytes)).isTrue();
        for (int length = 0; length < bytes.length; length++) {
            assertThat(opens(Arrays.copyOf(bytes, length)))
                    .as("%s cut to %d of %d bytes", name, length, bytes.length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "float<f4", "version3", "text<"})
    void oneByteMoreIsRefused(String name) throws IOException {
        byte[] bytes = bytes(name);
        assertThat(opens(Arrays.copyOf(bytes, bytes.length + 1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "float>f8", "fortran3", "text<", "version2", "stored.npz", "deflated.npz"})
    void changedBytesOpenOrAreRefused(String name) throws IOException {
        byte[] bytes = bytes(name);
        int header = Math.min(bytes.length, 200);
        qt().withExamples(150)
                .withFixedSeed(7)
                .forAll(
                        lists().of(integers().between(0, bytes.length - 1)).ofSizeBetween(1, 3),
                        lists().of(integers().between(0, header - 1)).ofSizeBetween(0, 2),
                        integers().between(0, 255))
                .checkAssert((anywhere, early, value) -> {
                    byte[] changed = bytes.clone();
                    anywhere.forEach(i -> changed[i] = value.byteValue());
                    early.forEach(i -> changed[i] = (byte) (value * 31 + i));
                    opensOrIsRefused(changed);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "version2", "stored.npz"})
    void everyByteChangedAloneOpensOrIsRefused(String name) throws IOException {
        byte[] bytes = bytes(name);
        for (int i = 0; i < bytes.length; i++) {
            for (int value : new int[] {0, 0xff, bytes[i] + 1, '9', '"'}) {
                byte[] changed = bytes.clone();
                changed[i] = (byte) value;
                opensOrIsRefused(changed);
            }
        }
    }

    private byte[] bytes(String name) throws IOException {
        if (!name.equals("safetensors")) {
            return NumpyFiles.bytes(name);
        }
        Path file = folder.resolve("whole");
        SafetensorsWriter.write(
                file,
                List.of(TensorView.of("weight", new float[] {1, 2}, 2, 1), TensorView.of("m", new byte[] {1}, 1)),
                Map.of("format", "test"));
        return Files.readAllBytes(file);
    }

    private void opensOrIsRefused(byte[] bytes) {
        try {
            opens(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns false for bad input, and fails on any other exception. */
    private boolean opens(byte[] bytes) throws IOException {
        // a new file each time: some file systems force one to disk that is overwritten
        Path file = Files.write(folder.resolve("hostile" + files++), bytes);
        try (TensorFile opened = TensorFile.open(file)) {
            for (TensorView view : opened.tensors().values()) {
                assertThat(view.toDoubles()).hasSize(Math.toIntExact(view.count()));
            }
            return true;
        } catch (InputException e) {
            assertThat(e.getMessage()).startsWith(file.toString()).contains("; got");
            return false;
        } catch (RuntimeException | IOException e) {
            return fail("must be refused as bad input", e);
        } finally {
            Files.delete(file);
        }
    }
}
