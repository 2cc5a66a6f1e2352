package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector bodies against scalar twins, at odd sizes and unaligned starts. */
class RowKernelsTest {
    private static final long START = 6; // no multiple of 4

    private static MemorySegment row(float... values) {
        MemorySegment row = Arena.ofAuto().allocate(START + values.length * 4L + 8);
        for (int i = 0; i < values.length; i++) {
            row.set(RowKernels.FLOAT, START + i * 4L, values[i]);
        }
        return row;
    }

    private static float[] random(int n, long seed) {
        Random random = new Random(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 65, 100, 511, 5051})
    void vectors_agree_with_scalars(int n) {
        MemorySegment a = row(random(n, n));
        MemorySegment b = row(random(n, -n));
        double scale = Math.sqrt(n);
        assertThat(RowKernels.dot(a, START, b, START, n))
                .isCloseTo(RowKernels.dotScalar(a, START, b, START, n), within((float) (1e-5 * scale)));
        assertThat(RowKernels.length(a, START, n))
                .isCloseTo((float) Math.sqrt(RowKernels.squares(a, START, n, 1)), within((float) (1e-6 * scale)));
        assertThat(RowKernels.argmax(a, START, n)).isEqualTo(RowKernels.argmaxFrom(a, START, n, 0, -1));
        float[] sums = random(n, 3);
        float[] expected = sums.clone();
        RowKernels.addTo(sums, a, START, n);
        RowKernels.addToScalar(expected, a, START, n);
        assertThat(sums).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 33, 64, 131})
    void cube_divides_by_the_largest_magnitude_and_returns_the_length(int n) {
        float[] values = random(n, n);
        MemorySegment row = row(values);
        float length = RowKernels.cube(row, START, n);
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double cube = Math.pow(values[i] / largest, 3);
            assertThat((double) RowKernels.at(row, START, i)).isCloseTo(cube, within(1e-6));
            sum += cube * cube;
        }
        assertThat((double) length).isCloseTo(Math.sqrt(sum), within(1e-6 * Math.sqrt(n)));
        assertThat(row.asSlice(START + n * 4L, 8).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                .containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(floats = {1e-42f, 1e-30f, 1f, 1e30f, 3e38f})
    void unit_rows_have_length_one_at_every_magnitude(float magnitude) {
        for (int n : new int[] {1, 7, 16, 40}) {
            float[] values = random(n, n);
            float largest = 0;
            for (float value : values) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < n; i++) {
                values[i] = values[i] / largest * magnitude;
            }
            MemorySegment target = row(new float[n]);
            float length = RowKernels.unit(row(values), START, target, START, n, -1);
            assertThat(RowKernels.length(target, START, n)).isCloseTo(1, within(2e-6f));
            assertThat(Math.signum(RowKernels.at(target, START, 0))).isEqualTo(-Math.signum(values[0]));
            if (magnitude == 1f) {
                assertThat(length).isCloseTo(RowKernels.length(row(values), START, n), within(1e-5f));
            }
        }
    }

    @Test
    void rows_without_direction_are_reported_and_zeros_stay_zeros() {
        MemorySegment target = row(1, 2);
        assertThat(RowKernels.unit(row(0, 0), START, target, START, 2, 1)).isZero();
        assertThat(RowKernels.at(target, START, 1)).isZero();
        assertThat(RowKernels.unit(row(1, Float.NaN), START, target, START, 2, 1))
                .isNaN();
        assertThat(RowKernels.unit(row(1, Float.NEGATIVE_INFINITY), START, target, START, 2, 1))
                .isInfinite();
        MemorySegment zeros = row(new float[20]);
        assertThat(RowKernels.cube(zeros, START, 20)).isZero();
        assertThat(RowKernels.at(zeros, START, 19)).isZero();
    }

    @Test
    void the_first_of_equal_maxima_wins() {
        float[] values = new float[100];
        values[37] = 1;
        values[41] = 1;
        values[97] = 1;
        assertThat(RowKernels.argmax(row(values), START, 100)).isEqualTo(37);
        values[98] = 2;
        assertThat(RowKernels.argmax(row(values), START, 100)).isEqualTo(98);
        java.util.Arrays.fill(values, Float.NEGATIVE_INFINITY);
        assertThat(RowKernels.argmax(row(values), START, 100)).isZero();
        values[60] = Float.NaN;
        values[70] = -1;
        assertThat(RowKernels.argmax(row(values), START, 100)).isEqualTo(70);
    }
}
