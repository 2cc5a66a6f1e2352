package dev.lapidary.torch.check;

import dev.lapidary.torch.check.Operand.Layout;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Products of matrices: linear, matmul and bmm, forward and backward, operands row-major and transposed. */
final class ProductChecks {
    private static final int CASES = 10;

    /** Rows, inner, columns: one number, tails behind every vector width, more than one block of a kernel. */
    private static final int[][] SHAPES = {{1, 1, 1}, {1, 129, 31}, {37, 1, 17}, {67, 259, 131}};

    private ProductChecks() {}

    static List<CheckedOperation> all() {
        return Stream.of(NumberType.F32, NumberType.BF16)
                .flatMap(type -> Stream.of(
                        new CheckedOperation("linear", type, ProductChecks::linear),
                        new CheckedOperation("matmul", type, ProductChecks::matmul),
                        new CheckedOperation("bmm", type, ProductChecks::bmm)))
                .toList();
    }

    private static int[] shape(Trial trial, int round) {
        return round < SHAPES.length ? SHAPES[round] : new int[] {trial.size(35), trial.size(100), trial.size(70)};
    }

    private static void matmul(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.matmul(x[0], x[1]));
        for (int round = 0; round < CASES; round++) {
            int[] s = shape(trial, round);
            trial.compare(
                    "matmul",
                    call,
                    new PlainProduct(1, s[0], s[1], s[2]),
                    trial.normal("left", s[0], s[1]).in(Layout.alternating(round, Layout.TRANSPOSED)),
                    trial.normal("right", s[1], s[2]).in(Layout.alternating(round / 2, Layout.TRANSPOSED)));
        }
    }

    private static void bmm(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.bmm(x[0], x[1]));
        for (int round = 0; round < CASES; round++) {
            int batch = round == SHAPES.length - 1 ? 1 : trial.size(4);
            int[] s = shape(trial, round);
            trial.compare(
                    "bmm",
                    call,
                    new PlainProduct(batch, s[0], s[1], s[2]),
                    trial.normal("left", batch, s[0], s[1]).in(Layout.alternating(round, Layout.TRANSPOSED)),
                    trial.normal("right", batch, s[1], s[2]).in(Layout.alternating(round / 2, Layout.TRANSPOSED)));
        }
    }

    private static void linear(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.linear(x[0], x[1], new TensorOptional(x[2])));
        for (int round = 0; round < CASES; round++) {
            int texts = round % 3 == 0 ? 1 : trial.size(3);
            int[] s = shape(trial, round);
            Operand input = round % 3 == 0
                    ? trial.normal("input", s[0], s[1])
                    : trial.normal("input", texts, s[0], s[1]); // [texts, tokens, in]
            trial.compare(
                    "linear",
                    call,
                    new PlainLinear(texts * s[0], s[1], s[2]),
                    input.in(Layout.alternating(round, Layout.TRANSPOSED)),
                    trial.normal("weight", s[2], s[1]).in(Layout.alternating(round / 2, Layout.TRANSPOSED)),
                    trial.normal("bias", s[2]));
        }
    }

    /** Input [rows, in] · weight [out, in]ᵀ + bias [out] → [rows, out]. */
    private record PlainLinear(int rows, int in, int out) implements PlainOperation {
        @Override
        public double[][] outputs(double[][] inputs) {
            double[] product = new double[rows * out];
            for (int row = 0; row < rows; row++) {
                for (int o = 0; o < out; o++) {
                    double sum = inputs[2][o];
                    for (int i = 0; i < in; i++) {
                        sum += inputs[0][row * in + i] * inputs[1][o * in + i];
                    }
                    product[row * out + o] = sum;
                }
            }
            return new double[][] {product};
        }

        @Override
        public double[][] gradients(double[][] inputs, double[][] weights) {
            double[] bias = new double[out];
            for (int i = 0; i < rows * out; i++) {
                bias[i % out] += weights[0][i];
            }
            double[] forInput = new PlainProduct(1, rows, out, in).outputs(new double[][] {weights[0], inputs[1]})[0];
            double[] forWeight = new PlainProduct(1, rows, in, out).gradients(inputs, weights)[1]; // [in, out]
            double[] turned = new double[in * out];
            for (int i = 0; i < turned.length; i++) {
                turned[i % out * in + i / out] = forWeight[i];
            }
            return new double[][] {forInput, turned, bias};
        }

        @Override
        public double roundings() {
            return Math.max(in + 1, Math.max(rows, out));
        }

        @Override
        public boolean sums() {
            return true;
        }
    }
}
