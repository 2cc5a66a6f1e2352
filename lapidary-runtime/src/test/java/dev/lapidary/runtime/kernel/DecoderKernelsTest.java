package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The passes of a decoder and their scalar twins against the formulas in float64, at odd sizes and unaligned starts. */
class DecoderKernelsTest {
    private static final float EPSILON = 1e-5f;
    private final Arena arena = Arena.ofAuto();
    private final SplittableRandom random = new SplittableRandom(1);

    /** Random floats that start four bytes behind a cache line. */
    private MemorySegment floats(int n) {
        MemorySegment segment = arena.allocate(4L * n + 4, 64).asSlice(4);
        for (int i = 0; i < n; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, (float) random.nextGaussian());
        }
        return segment;
    }

    private static double[] doubles(MemorySegment segment) {
        float[] values = segment.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private static void assertClose(MemorySegment got, double[] expected, double tolerance) {
        double[] values = doubles(got);
        assertThat(values).hasSize(expected.length);
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i]).isCloseTo(expected[i], within(tolerance * (1 + Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 15, 16, 17, 64, 100, 515})
    void normsAreTheirFormulas(int width) {
        int rows = 3;
        MemorySegment x = floats(5 * width);
        MemorySegment weight = floats(width);
        MemorySegment bias = floats(width);
        double[] rms = new double[rows * width];
        double[] layer = new double[rows * width];
        for (int r = 0; r < rows; r++) {
            double[] row = doubles(x.asSlice(4L * (r + 1) * width, 4L * width));
            double mean = 0;
            double squares = 0;
            for (double value : row) {
                mean += value / width;
                squares += value * value / width;
            }
            double variance = 0;
            for (double value : row) {
                variance += (value - mean) * (value - mean) / width;
            }
            for (int i = 0; i < width; i++) {
                double scale = doubles(weight)[i];
                rms[r * width + i] = row[i] / Math.sqrt(squares + EPSILON) * scale;
                layer[r * width + i] = (row[i] - mean) / Math.sqrt(variance + EPSILON) * scale + doubles(bias)[i];
            }
        }
        MemorySegment out = floats(rows * width);
        DecoderKernels.rmsNorm(x, 1, weight, out, rows, EPSILON);
        assertClose(out, rms, 1e-5);
        DecoderKernels.layerNorm(x, 1, weight, bias, out, rows, EPSILON);
        assertClose(out, layer, 1e-4);
        for (int r = 0; r < rows; r++) {
            long from = x.address() + 4L * (r + 1) * width;
            long to = out.address() + 4L * r * width;
            DecoderScalars.layerNorm(from, weight.address(), bias.address(), to, width, EPSILON);
        }
        assertClose(out, layer, 1e-4);
        for (int r = 0; r < rows; r++) {
            long from = x.address() + 4L * (r + 1) * width;
            DecoderScalars.rmsNorm(from, weight.address(), out.address() + 4L * r * width, width, EPSILON);
        }
        assertClose(out, rms, 1e-5);
    }

    @ParameterizedTest
    @EnumSource(ActivationKernel.class)
    void activationsAreTheirFormulas(ActivationKernel kind) {
        float[] values = new float[1001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < 900 ? (i - 450) / 50f : (float) (random.nextGaussian() * 60);
        }
        MemorySegment x = floats(values.length);
        MemorySegment.copy(values, 0, x, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
        kind.apply(x, values.length);
        for (int i = 0; i < values.length; i++) {
            double expected = formula(kind).applyAsDouble(values[i]);
            assertThat((double) x.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i))
                    .as("of " + values[i])
                    .isCloseTo(expected, within(1e-6 * (1 + Math.abs(values[i]))));
            assertThat((double) kind.of(values[i])).isCloseTo(expected, within(1e-6 * (1 + Math.abs(values[i]))));
        }
        MemorySegment gate = floats(77);
        MemorySegment up = floats(77);
        double[] before = doubles(gate);
        kind.gate(gate, up, 77);
        for (int i = 0; i < 77; i++) {
            assertThat(doubles(gate)[i])
                    .isCloseTo(formula(kind).applyAsDouble(before[i]) * doubles(up)[i], within(2e-6));
        }
    }

    private static DoubleUnaryOperator formula(ActivationKernel kind) {
        return switch (kind) {
            case SILU -> x -> x / (1 + Math.exp(-x));
            case GELU -> x -> x * normal(x);
            case GELU_TANH -> x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case RELU -> x -> Math.max(x, 0);
        };
    }

    /** Φ(x), by Simpson's rule over the density. */
    private static double normal(double x) {
        if (Math.abs(x) > 9) {
            return x > 0 ? 1 : 0;
        }
        int steps = 2000;
        double h = x / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-i * h * i * h / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 6, 8, 30, 32, 64, 128})
    void rotationsTurnPairsByTheirAngles(int headWidth) {
        int half = headWidth / 2;
        double[] frequencies = new double[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = Math.pow(10_000, -2.0 * i / headWidth);
        }
        var angles = new RotaryAngles(frequencies, 40, arena);
        MemorySegment x = floats(2 * 3 * headWidth);
        double[] before = doubles(x);
        double[] expected = before.clone();
        for (int row = 0; row < 2; row++) {
            for (int head = 0; head < 3; head++) {
                int at = (row * 3 + head) * headWidth;
                for (int i = 0; i < half; i++) {
                    double angle = (35 + row) * frequencies[i];
                    double a = before[at + i];
                    double b = before[at + half + i];
                    expected[at + i] = a * Math.cos(angle) - b * Math.sin(angle);
                    expected[at + half + i] = b * Math.cos(angle) + a * Math.sin(angle);
                }
            }
        }
        MemorySegment scalar = floats(headWidth);
        MemorySegment.copy(x, 0, scalar, 0, 4L * headWidth);
        angles.rotate(x, 35, 2, 3);
        assertClose(x, expected, 1e-6);
        assertThatThrownBy(() -> angles.rotate(x, 39, 2, 3)).hasMessageContaining("got 2 from 39 on");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 33, 1000})
    void sumsBiasesAndLogarithms(int n) {
        MemorySegment x = floats(2 * n);
        MemorySegment bias = floats(n);
        double[] before = doubles(x);
        double[] expected = new double[2 * n];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) before[i] + (float) doubles(bias)[i % n];
        }
        DecoderKernels.addBias(x, bias, 2);
        assertClose(x, expected, 1e-7);
        double sum = 0;
        for (int i = n; i < 2 * n; i++) {
            sum += Math.exp(doubles(x)[i]);
        }
        assertThat(DecoderKernels.logSumExp(x, 1, n)).isCloseTo(Math.log(sum), within(1e-5));
        long second = x.address() + 4L * n;
        float largest = DecoderScalars.largest(second, 0, n);
        assertThat(largest + Math.log(DecoderScalars.sumExp(second, 0, n, largest)))
                .isCloseTo(Math.log(sum), within(1e-6));
    }

    @Test
    void refusesMemoryThatIsTooSmallOrOnTheHeap() {
        MemorySegment x = floats(8);
        assertThatThrownBy(() -> DecoderKernels.add(x, x, 9)).hasMessageContaining("must hold 9 floats");
        assertThatThrownBy(() -> DecoderKernels.add(MemorySegment.ofArray(new float[9]), x, 8))
                .hasMessageContaining("on the heap");
        assertThatThrownBy(() -> DecoderKernels.rmsNorm(x, 1, x, x, 1, 1e-5f)).isInstanceOf(RuntimeException.class);
    }
}
