package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilteredCrossEntropyTest {
    private static final Offset<Double> SINGLE = within(2e-5); // float32, sums of some hundred numbers of size 1

    /** Blocks of both kinds, with and without ignored targets, against the formula in float64. */
    @ParameterizedTest
    @CsvSource({"300, 5000, 19, 0.01", "300, 101, 16, 0.05", "5, 7, 3, 0.3", "1, 1, 1, 0.5"})
    void equalsTheFormula(int n, int vocabulary, int width, double threshold) {
        for (double ignored : new double[] {0, 0.4}) {
            try (var scope = TorchScope.open()) {
                Random random = new Random(n + vocabulary);
                Tensor hidden = normal(random, n, width);
                Tensor weight = normal(random, vocabulary, width);
                long[] ids = random.longs(n, 0, vocabulary).toArray();
                for (int i = 1; i < n; i++) {
                    ids[i] = random.nextDouble() < ignored ? CutCrossEntropy.IGNORED : ids[i];
                }
                Tensor targets = Tensors.of(ids);
                Tensor p = torch.linear(hidden, weight).softmax(1); // [n, vocabulary]
                Tensor factors = p.mul(p.ge(new Scalar(threshold)));
                double kept = p.ge(new Scalar(threshold)).sum().item_double();
                double[][] rows = rows(factors, n, vocabulary);
                double[][] all = rows(p, n, vocabulary);
                long count = 0;
                double loss = 0;
                for (int i = 0; i < n; i++) {
                    if (ids[i] == CutCrossEntropy.IGNORED) {
                        Arrays.fill(rows[i], 0);
                    } else {
                        int target = (int) ids[i];
                        rows[i][target] = all[i][target] - 1;
                        loss -= Math.log(all[i][target]);
                        count++;
                    }
                }
                Tensor errors = Tensors.of(rows).div(new Scalar((double) count));
                var filtered = FilteredCrossEntropy.lossAndGradients(
                        hidden.to(torch.ScalarType.Float), weight.to(torch.ScalarType.Float), targets, true, threshold);
                var result = filtered.result();
                assertThat(result.loss()).isCloseTo(loss / count, SINGLE);
                assertThat(Tensors.toDoubles(result.hiddenGradient()))
                        .containsExactly(Tensors.toDoubles(errors.matmul(weight)), SINGLE);
                assertThat(Tensors.toDoubles(Objects.requireNonNull(result.weightGradient())))
                        .containsExactly(Tensors.toDoubles(errors.t().matmul(hidden)), SINGLE);
                if (ignored == 0) {
                    double targetsBelow = 0;
                    for (int i = 0; i < n; i++) {
                        targetsBelow += all[i][(int) ids[i]] < threshold ? 1 : 0;
                    }
                    assertThat(filtered.keptShare() * n * vocabulary).isCloseTo(kept + targetsBelow, within(1e-6));
                }
                var without = FilteredCrossEntropy.lossAndGradients(
                        hidden.to(torch.ScalarType.Float), weight.to(torch.ScalarType.Float), targets, false, threshold);
                assertThat(without.result().weightGradient()).isNull();
                assertThat(Tensors.toDoubles(without.result().hiddenGradient()))
                        .containsExactly(Tensors.toDoubles(result.hiddenGradient()));
            }
        }
    }

    /** At most 1/threshold probabilities of a row can matter, so scratch grows with neither tokens nor vocabulary. */
    @Test
    void scratchHasABound() {
        try (var scope = TorchScope.open()) {
            Random random = new Random(3);
            Tensor weight = normal(random, 9000, 2).to(torch.ScalarType.Float);
            long few = scratch(random, 200, weight);
            long more = scratch(random, 1000, weight);
            long wider = scratch(random, 200, torch.cat(new TensorVector(weight, weight), 0));
            assertThat(more - few).isEqualTo(800 * Long.BYTES); // the targets themselves
            assertThat(wider).isEqualTo(few);
            // 128 rows of 257 + 2048 + 1 places and logits, of a logit's sums, and of 2048 products
            assertThat(few).isEqualTo(128 * (2306 * 8L + 20) + 128 * 2048 * 4 + 200 * 8);
        }
    }

    private static long scratch(Random random, int n, Tensor weight) {
        Tensor targets = Tensors.of(random.longs(n, 0, 9000).toArray());
        Tensor hidden = normal(random, n, 2).to(torch.ScalarType.Float);
        return FilteredCrossEntropy.lossAndGradients(hidden, weight, targets, true, 0x1p-8)
                .scratchBytes();
    }

    @Test
    void refusesDoubles() {
        try (var scope = TorchScope.open()) {
            Tensor one = normal(new Random(1), 1, 1);
            assertThatThrownBy(() -> FilteredCrossEntropy.lossAndGradients(one, one, Tensors.of(new long[] {0}), true, 0.1))
                    .hasMessage("filtered gradients need float32; got Double and Double");
        }
    }

    private static double[][] rows(Tensor matrix, int n, int columns) {
        double[] flat = Tensors.toDoubles(matrix);
        double[][] rows = new double[n][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * columns, (i + 1) * columns));
        return rows;
    }

    private static Tensor normal(Random random, int rows, int columns) {
        double[] values = new double[rows * columns];
        Arrays.setAll(values, i -> (float) random.nextGaussian());
        return Tensors.of(values, rows, columns);
    }
}
