package dev.lapidary.concept.bottleneck;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Unit vectors, drawn or made, and digests. */
final class Vectors {
    private Vectors() {}

    /** The vector scaled to length 1; the zero vector stays. */
    static float[] unit(float[] v) {
        double inverse = ConceptScorer.inverseNorm(v);
        float[] unit = new float[v.length];
        for (int j = 0; j < v.length; j++) {
            unit[j] = (float) (v[j] * inverse);
        }
        return unit;
    }

    /** Every row scaled to length 1. */
    static float[][] units(float[][] rows) {
        float[][] units = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            units[i] = unit(rows[i]);
        }
        return units;
    }

    /** Directions drawn evenly from the sphere, [count, width]. */
    static float[][] random(int count, int width, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ 0x5d1ec7105L);
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            float[] row = new float[width];
            for (int j = 0; j < width; j++) {
                row[j] = (float) random.nextGaussian();
            }
            rows[i] = unit(row);
        }
        return rows;
    }

    static String sha256(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Digest of a file, read in pieces. */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Digest of memory. */
    static String sha256(MemorySegment data) {
        MessageDigest digest = digest();
        byte[] piece = new byte[(int) Math.min(1 << 20, data.byteSize())];
        for (long at = 0; at < data.byteSize(); at += piece.length) {
            int count = (int) Math.min(piece.length, data.byteSize() - at);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, piece, 0, count);
            digest.update(piece, 0, count);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Digest of the values of rows. */
    static String sha256(float[][] rows) {
        MessageDigest digest = digest();
        for (float[] row : rows) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * row.length);
            bytes.asFloatBuffer().put(row);
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible); // every JDK has SHA-256
        }
    }
}
