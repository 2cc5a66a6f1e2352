package dev.lapidary.runtime.file;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of texts, files and memory, in hexadecimal, and of whatever is fed to a {@link #digest} piece by piece. */
public final class Sha256 {
    private static final int PIECE = 1 << 16; // bytes

    private Sha256() {}

    /** Returns the digest of a text in UTF-8. */
    public static String of(String text) {
        return hex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns the digest of a file, read in pieces. */
    public static String of(Path file) throws IOException {
        MessageDigest digest = digest();
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
        }
        return hex(digest);
    }

    /** Returns the digest of memory. */
    public static String of(MemorySegment data) {
        MessageDigest digest = digest();
        add(digest, data);
        return hex(digest);
    }

    /** Adds memory, in pieces. */
    public static void add(MessageDigest digest, MemorySegment data) {
        byte[] piece = new byte[(int) Math.min(PIECE, data.byteSize())];
        for (long at = 0; at < data.byteSize(); at += PIECE) {
            int length = (int) Math.min(PIECE, data.byteSize() - at);
            MemorySegment.copy(data, at, MemorySegment.ofArray(piece), 0, length);
            digest.update(piece, 0, length);
        }
    }

    /** Returns a new digest that nothing was added to. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java runtime must have SHA-256", impossible);
        }
    }

    /** Adds a text after its length in bytes, so that no two lists of texts give the same bytes. */
    public static void field(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        digest.update(bytes);
    }

    /** Finishes a digest. */
    public static String hex(MessageDigest digest) {
        return hex(digest.digest());
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
