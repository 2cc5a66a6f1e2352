package dev.lapidary.encode;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of large files, remembered in the cache by path, size and time of change, so that a start does not read 90 MB. */
final class FileDigests {
    private static final int PIECE = 1 << 20; // bytes
    private static final int LENGTH = 64; // hexadecimal digits

    private FileDigests() {}

    /** The digest of a file in hexadecimal. */
    static String of(Path file) throws IOException {
        Path real = file.toRealPath();
        String state = real + "\n" + Files.size(real) + "\n" + Files.getLastModifiedTime(real) + "\n";
        Path note = CacheFolder.sub("digests").resolve(ofText(real.toString()));
        if (Files.isRegularFile(note)) {
            String remembered = Files.readString(note);
            if (remembered.startsWith(state) && remembered.length() == state.length() + LENGTH) {
                return remembered.substring(state.length());
            }
        }
        String digest = read(real);
        AtomicFiles.writeString(note, state + digest);
        return digest;
    }

    /** The digest of a text in hexadecimal. */
    static String ofText(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String read(Path file) throws IOException {
        MessageDigest sha = sha256();
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                sha.update(piece, 0, count);
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime must have SHA-256", impossible);
        }
    }
}
