package dev.lapidary.torch.check;

import dev.lapidary.torch.check.Operand.Layout;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Functions of each number, GELU and SiLU, and of rows of numbers, softmax and its logarithm, forward and backward. */
final class ActivationChecks {
    private static final int CASES = 8;
    private static final int LARGEST = 90;

    private ActivationChecks() {}

    static List<CheckedOperation> all() {
        return List.of(
                new CheckedOperation("softmax", NumberType.F32, trial -> rows(trial, false)),
                new CheckedOperation("log softmax", NumberType.F32, trial -> rows(trial, true)),
                new CheckedOperation(
                        "GELU", NumberType.F32, trial -> each(trial, torch::gelu, x -> x * GaussianIntegral.below(x))),
                new CheckedOperation(
                        "GELU by tanh",
                        NumberType.F32,
                        trial -> each(trial, x -> torch.gelu(x, "tanh"), ActivationChecks::geluTanh)),
                new CheckedOperation(
                        "SiLU", NumberType.F32, trial -> each(trial, torch::silu, x -> x / (1 + Math.exp(-x)))));
    }

    private static double geluTanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private interface Activation {
        Tensor apply(Tensor input);
    }

    private static void each(Trial trial, Activation activation, DoubleUnaryOperator formula) {
        NativeCall call = NativeCall.of(x -> activation.apply(x[0]));
        for (int round = 0; round < CASES; round++) {
            trial.compare(
                    "each number",
                    call,
                    new PlainFunction(formula),
                    trial.normal("input", trial.size(7), round == 0 ? 1 : trial.size(LARGEST))
                            .in(Layout.alternating(round, Layout.TRANSPOSED)));
        }
    }

    /** Softmax along the last axis and along the middle one, which have native code of their own. */
    private static void rows(Trial trial, boolean logarithm) {
        for (int round = 0; round < CASES; round++) {
            int axis = 2 - round % 2;
            int[] sizes = {trial.size(4), trial.size(7), trial.size(7)};
            sizes[axis] = round == 0 ? 1 : trial.size(LARGEST);
            NativeCall call = NativeCall.of(x -> logarithm ? torch.log_softmax(x[0], axis) : torch.softmax(x[0], axis));
            trial.compare(
                    "axis " + axis,
                    call,
                    new PlainSoftmax(axis == 2 ? 1 : sizes[2], sizes[axis], logarithm),
                    trial.normal("input", sizes[0], sizes[1], sizes[2])
                            .in(Layout.alternating(round / 2, Layout.TRANSPOSED)));
        }
    }

    private record PlainFunction(DoubleUnaryOperator formula) implements PlainOperation {
        private static final double STEP = 1e-5;

        @Override
        public double[][] outputs(double[][] inputs) {
            double[] outputs = new double[inputs[0].length];
            for (int i = 0; i < outputs.length; i++) {
                outputs[i] = formula.applyAsDouble(inputs[0][i]);
            }
            return new double[][] {outputs};
        }

        @Override
        public double[][] gradients(double[][] inputs, double[][] weights) {
            double[] gradient = new double[inputs[0].length];
            for (int i = 0; i < gradient.length; i++) {
                double x = inputs[0][i];
                double rise = formula.applyAsDouble(x + STEP) - formula.applyAsDouble(x - STEP);
                gradient[i] = weights[0][i] * rise / (2 * STEP);
            }
            return new double[][] {gradient};
        }

        /** Vector code computes exp to 20 roundings; it appears twice, and some products and sums follow. */
        @Override
        public double roundings() {
            return 64;
        }
    }

    /** Softmax along an axis of a length, where neighbours are a stride apart. */
    private record PlainSoftmax(int stride, int length, boolean logarithm) implements PlainOperation {
        @Override
        public double[][] outputs(double[][] inputs) {
            double[] x = inputs[0];
            double[] outputs = new double[x.length];
            for (int row = 0; row < x.length / length; row++) {
                int start = start(row);
                double sum = 0;
                for (int i = 0; i < length; i++) {
                    sum += Math.exp(x[start + i * stride]);
                }
                for (int i = 0; i < length; i++) {
                    int at = start + i * stride;
                    outputs[at] = logarithm ? x[at] - Math.log(sum) : Math.exp(x[at]) / sum;
                }
            }
            return new double[][] {outputs};
        }

        /** p·(g − Σ p·g), of the logarithm g − p·Σ g. */
        @Override
        public double[][] gradients(double[][] inputs, double[][] weights) {
            double[] p = new PlainSoftmax(stride, length, false).outputs(inputs)[0];
            double[] g = weights[0];
            double[] gradient = new double[p.length];
            for (int row = 0; row < p.length / length; row++) {
                double sum = 0;
                for (int i = 0; i < length; i++) {
                    int at = start(row) + i * stride;
                    sum += logarithm ? g[at] : p[at] * g[at];
                }
                for (int i = 0; i < length; i++) {
                    int at = start(row) + i * stride;
                    gradient[at] = logarithm ? g[at] - p[at] * sum : p[at] * (g[at] - sum);
                }
            }
            return new double[][] {gradient};
        }

        private int start(int row) {
            return row / stride * stride * length + row % stride;
        }

        /** Two sums over the row, and exp to 20 roundings, whose argument is off by one rounding of at most 10. */
        @Override
        public double roundings() {
            return 2 * length + 64;
        }
    }
}
