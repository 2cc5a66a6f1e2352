package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Files whose bytes NumPy wrote, by name; numpy-arrays.py beside the resource says how. */
public final class NumpyFiles {
    private static final Map<String, byte[]> FILES = load();

    private NumpyFiles() {}

    private static Map<String, byte[]> load() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(NumpyFiles.class.getResourceAsStream("numpy-arrays.hex"))) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" ", 2))
                    .forEach(parts -> files.put(parts[0], HexFormat.of().parseHex(parts[1])));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return files;
    }

    public static byte[] bytes(String name) {
        return Objects.requireNonNull(FILES.get(name), name);
    }

    static TensorFile open(Path folder, String name) throws IOException {
        return TensorFile.open(Files.write(folder.resolve("numpy"), bytes(name)));
    }
}
