package dev.lapidary.encode;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SHA-256 of large files, remembered in the cache by path, size and time of change, so that a start does not read 90 MB. */
final class FileDigests {
    private static final Logger LOG = LoggerFactory.getLogger(FileDigests.class);
    private static final int LENGTH = 64; // hexadecimal digits

    private FileDigests() {}

    /** The digests of an ONNX model and, after a line break, of the file of weights beside it where there is one. */
    static String ofModel(Path model) throws IOException {
        Path weights = model.resolveSibling(model.getFileName() + "_data");
        return of(model) + "\n" + (Files.isRegularFile(weights) ? of(weights) : "");
    }

    /** The digest of a file in hexadecimal. */
    static String of(Path file) throws IOException {
        Path real = file.toRealPath();
        String state = real + "\n" + Files.size(real) + "\n" + Files.getLastModifiedTime(real) + "\n";
        Path note = CacheFolder.sub("digests").resolve(Sha256.of(real.toString()));
        String remembered = remembered(note);
        if (remembered.startsWith(state) && remembered.length() == state.length() + LENGTH) {
            return remembered.substring(state.length());
        }
        String digest = Sha256.of(real);
        try {
            AtomicFiles.writeString(note, state + digest);
        } catch (IOException full) {
            LOG.debug("{} cannot be written, and {} is read again next time: {}", note, file, full.toString());
        }
        return digest;
    }

    /** What a note says; nothing where it is missing or cannot be read. */
    private static String remembered(Path note) {
        try {
            return Files.isRegularFile(note) ? new String(Files.readAllBytes(note), StandardCharsets.UTF_8) : "";
        } catch (IOException unreadable) {
            return "";
        }
    }
}
