package dev.lapidary.concept.bottleneck;

import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.file.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Unit vectors, drawn or made. */
final class Vectors {
    private Vectors() {}

    /** Every row scaled to length 1. */
    static float[][] units(float[][] rows) {
        float[][] units = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            units[i] = UnitVector.of(rows[i]);
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
            rows[i] = UnitVector.of(row);
        }
        return rows;
    }

    /** SHA-256 of the values of rows. */
    static String sha256(float[][] rows) {
        MessageDigest digest = Sha256.digest();
        for (float[] row : rows) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * row.length);
            bytes.asFloatBuffer().put(row);
            digest.update(bytes);
        }
        return Sha256.hex(digest);
    }
}
