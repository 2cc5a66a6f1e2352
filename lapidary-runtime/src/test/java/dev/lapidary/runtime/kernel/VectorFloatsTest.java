package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorFloatsTest {
    /** Long enough to pass from the interpreter through both compilers. */
    @Test
    void aSumHasTheSameBitsWhoeverRunsIt() {
        assumeTrue(Simd.on());
        Random random = new Random(1);
        float[] values = new float[VectorFloats.LANES];
        for (int round = 0; round < 30_000; round++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * Math.exp(3 * random.nextGaussian()));
            }
            assertThat(VectorFloats.sum(FloatVector.fromArray(VectorFloats.SPECIES, values, 0)))
                    .isEqualTo(halves(values));
        }
    }

    private static float halves(float[] values) {
        if (values.length > 16) {
            float sum = 0;
            for (float value : values) {
                sum += value;
            }
            return sum;
        }
        float[] sums = values.clone();
        for (int by = sums.length / 2; by > 0; by /= 2) {
            for (int i = 0; i < by; i++) {
                sums[i] += sums[i + by];
            }
        }
        return sums[0];
    }
}
