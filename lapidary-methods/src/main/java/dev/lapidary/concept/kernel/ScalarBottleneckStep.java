package dev.lapidary.concept.kernel;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.optim.AdamSettings;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The scalar twin of {@link VectorBottleneckStep} in float64: every formula written out once more, without haste. */
final class ScalarBottleneckStep implements BottleneckStep {
    private final BottleneckSettings settings;
    private final BottleneckState.Moments layer;
    private final BottleneckState.Moments head;
    private final BottleneckState.Moments bias;
    private WeightUpdate layerRule;
    private WeightUpdate headRule;
    private long steps;

    ScalarBottleneckStep(BottleneckSettings settings, BottleneckState state) {
        state.require(settings);
        this.settings = settings;
        layer = copy(state.layer());
        head = copy(state.head());
        bias = copy(state.bias());
        steps = state.steps();
        layerRule = settings.layer();
        headRule = settings.head();
    }

    private static BottleneckState.Moments copy(BottleneckState.Moments from) {
        return new BottleneckState.Moments(
                from.weights().clone(), from.mean().clone(), from.square().clone());
    }

    @Override
    public Losses step(MemorySegment scores, int[] labels, @Nullable MemorySegment noise) {
        BottleneckStep.requireFit(settings, scores, labels);
        int rows = labels.length;
        if (noise != null) {
            BottleneckStep.requireFloats("noise", noise, 2L * rows * settings.concepts());
        }
        double[][] s = matrix(scores, 0, rows, settings.concepts());
        return step(
                s, labels, settings.loss() instanceof BottleneckLoss.Gumbel ? noise(noise, rows) : new double[2][][]);
    }

    /** The step in float64 throughout: scores [rows, M], noise [2][rows][M]. */
    Losses step(double[][] s, int[] labels, double[][][] noise) {
        int concepts = settings.concepts();
        double[][] c = productWithRows(s, layer.weights(), concepts);
        double[][] z = logits(c);
        double[][] dz = new double[s.length][settings.classes()];
        double entropy = ScalarLosses.crossEntropy(z, labels, dz);
        double[][] dc = new double[s.length][concepts];
        double[] dw = new double[concepts * concepts];
        double loss = ScalarLosses.layer(settings.loss(), s, c, noise, layer.weights(), dc, dw);
        double[] dh = new double[settings.classes() * concepts];
        double[] db = new double[settings.classes()];
        for (int b = 0; b < s.length; b++) {
            backward(s[b], c[b], dz[b], dc[b], dw, dh, db);
        }
        steps++;
        update(layerRule, layer, dw);
        update(headRule, head, dh);
        if (settings.bias()) {
            update(headRule, bias, db);
        }
        return new Losses(entropy, loss);
    }

    private void backward(double[] s, double[] c, double[] dz, double[] dc, double[] dw, double[] dh, double[] db) {
        int concepts = settings.concepts();
        for (int k = 0; k < dz.length; k++) {
            db[k] += dz[k];
            for (int m = 0; m < concepts; m++) {
                dh[k * concepts + m] += dz[k] * c[m];
                dc[m] += dz[k] * head.weights()[k * concepts + m];
            }
        }
        for (int m = 0; m < concepts; m++) {
            for (int j = 0; j < concepts; j++) {
                dw[m * concepts + j] += dc[m] * s[j];
            }
        }
    }

    private void update(WeightUpdate rule, BottleneckState.Moments to, double[] gradient) {
        double[] w = to.weights();
        if (rule instanceof WeightUpdate.Adam adam) {
            AdamSettings a = adam.settings();
            double first = 1 - Math.pow(a.beta1(), steps);
            double second = Math.sqrt(1 - Math.pow(a.beta2(), steps));
            for (int i = 0; i < w.length; i++) {
                double g = gradient[i];
                to.mean()[i] = a.beta1() * to.mean()[i] + (1 - a.beta1()) * g;
                to.square()[i] = a.beta2() * to.square()[i] + (1 - a.beta2()) * g * g;
                w[i] = w[i] * (1 - adam.rate() * a.weightDecay())
                        - adam.rate() / first * to.mean()[i] / (Math.sqrt(to.square()[i]) / second + a.epsilon());
            }
            return;
        }
        for (int i = 0; i < w.length; i++) {
            w[i] -= rule.rate() * gradient[i];
        }
    }

    private double[][][] noise(@Nullable MemorySegment given, int rows) {
        int concepts = settings.concepts();
        double[][][] noise = new double[2][rows][concepts];
        int batch4 = (settings.batch() + 3) & -4;
        for (int axis = 0; axis < 2; axis++) {
            if (given != null) {
                noise[axis] = matrix(given, (long) axis * rows * concepts, rows, concepts);
                continue;
            }
            CounterNoise generator = new CounterNoise(settings.seed(), axis);
            for (int b = 0; b < rows; b++) {
                for (int m = 0; m < concepts; m++) {
                    noise[axis][b][m] = generator.gumbelAt(steps, (m / 32 * (long) batch4 + b) * 32 + m % 32);
                }
            }
        }
        return noise;
    }

    private static double[][] matrix(MemorySegment from, long first, int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                values[i][j] = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (first + (long) i * columns + j));
            }
        }
        return values;
    }

    /** Returns x [rows, n] times the transpose of weights [outputs, n]. */
    private static double[][] productWithRows(double[][] x, double[] weights, int outputs) {
        double[][] out = new double[x.length][outputs];
        for (int b = 0; b < x.length; b++) {
            int n = x[b].length;
            for (int o = 0; o < outputs; o++) {
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    sum += x[b][j] * weights[o * n + j];
                }
                out[b][o] = sum;
            }
        }
        return out;
    }

    private double[][] logits(double[][] c) {
        double[][] z = productWithRows(c, head.weights(), settings.classes());
        for (double[] row : z) {
            for (int k = 0; k < row.length; k++) {
                row[k] += bias.weights()[k];
            }
        }
        return z;
    }

    @Override
    public void rates(double layerRate, double headRate) {
        layerRule = layerRule.withRate(layerRate);
        headRule = headRule.withRate(headRate);
    }

    @Override
    public void forward(MemorySegment scores, long rows, @Nullable MemorySegment c, MemorySegment z) {
        int concepts = settings.concepts();
        BottleneckStep.requireFloats("scores", scores, rows * concepts);
        BottleneckStep.requireFloats("z", z, rows * settings.classes());
        for (long row = 0; row < rows; row++) {
            double[][] own = productWithRows(matrix(scores, row * concepts, 1, concepts), layer.weights(), concepts);
            if (c != null) {
                write(own[0], c, row);
            }
            write(logits(own)[0], z, row);
        }
    }

    private static void write(double[] values, MemorySegment out, long row) {
        for (int i = 0; i < values.length; i++) {
            out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (row * values.length + i), (float) values[i]);
        }
    }

    @Override
    public BottleneckState state() {
        return new BottleneckState(steps, copy(layer), copy(head), copy(bias));
    }

    @Override
    public void close() {}
}
