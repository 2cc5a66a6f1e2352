package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SparseGPT in blocks against the formula weight by weight, for several patterns. */
class SparseGptTest {
    private static final int ROWS = 9;

    private TorchScope scope;
    private Torch.Lease oneThread; // products are tiny

    @BeforeEach
    void open() {
        scope = TorchScope.open();
        oneThread = Torch.oneThreadPerProduct();
    }

    @AfterEach
    void close() {
        oneThread.close();
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({
        "2:4, 40, 128",
        "2:4, 40, 16",
        "2:4, 300, 128",
        "1:4, 40, 6",
        "1:2, 30, 7",
        "4:8, 48, 20",
        "3:5, 35, 3",
        "7:8, 24, 8"
    })
    void equalsTheFormulaWeightByWeight(String text, int columns, int block) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        Tensor weight = random(ROWS, columns);
        HessianFactor factor = factor(columns);
        SparseGpt.Pruned pruned = SparseGpt.update(weight, factor, pattern, block);
        double[] w = Tensors.toDoubles(weight);
        boolean[] kept = naive(w, Tensors.toDoubles(factor.upper()), columns, pattern);
        assertThat(pruned.weights()).isNotNull();
        assertThat(Tensors.toDoubles(Objects.requireNonNull(pruned.weights()))).containsExactly(w, within(1e-9));
        assertThat(LayerMask.of("w", ROWS, columns, pattern, kept).codes()).isEqualTo(pruned.codes());
    }

    /** Column after column over the whole width; leaves the new weights in w. */
    private static boolean[] naive(double[] w, double[] u, int columns, SparsityPattern pattern) {
        boolean[] kept = new boolean[w.length];
        for (int row = 0; row < ROWS; row++) {
            int at = row * columns;
            for (int j = 0; j < columns; j++) {
                if (j % pattern.of() == 0) {
                    IntStream.range(j, j + pattern.of())
                            .boxed()
                            .sorted((a, b) -> Double.compare(
                                    Math.abs(w[at + b] / u[b * columns + b]), Math.abs(w[at + a] / u[a * columns + a])))
                            .limit(pattern.kept())
                            .forEach(k -> kept[at + k] = true);
                }
                if (!kept[at + j]) {
                    double e = w[at + j] / u[j * columns + j];
                    for (int k = j; k < columns; k++) {
                        w[at + k] -= e * u[j * columns + k];
                    }
                    w[at + j] = 0;
                }
            }
        }
        return kept;
    }

    @Test
    void updateLosesLessThanTheSameMaskOnUnchangedWeights() {
        SparsityPattern pattern = SparsityPattern.parse("2:4");
        Tensor weight = random(ROWS, 64);
        HessianFactor factor = factor(64);
        Tensor gram = inputs(64).t().mm(inputs(64));
        SparseGpt.Pruned pruned = SparseGpt.update(weight, factor, pattern);
        Tensor mask = new LayerMask("w", ROWS, 64, pattern, pruned.codes()).toTensor();
        double updated = ReconstructionError.relative(weight, Objects.requireNonNull(pruned.weights()), gram);
        double unchanged = ReconstructionError.relative(weight, weight.mul(mask), gram);
        assertThat(updated).isPositive().isLessThan(0.9 * unchanged);
    }

    @Test
    void rowsAreIndependentHoweverManyThereAre() {
        SparsityPattern pattern = SparsityPattern.parse("2:4");
        int rows = 530_000; // of 8 weights: more than are treated at once
        Tensor weight =
                Tensors.of(new SplittableRandom(2).doubles(rows * 8L, -1, 1).toArray(), rows, 8);
        Tensor last = weight.narrow(0, rows - 3, 3);
        HessianFactor factor = factor(8);
        SparseGpt.Pruned all = SparseGpt.update(weight, factor, pattern);
        SparseGpt.Pruned some = SparseGpt.update(last, factor, pattern);
        assertThat(Arrays.copyOfRange(all.codes(), (rows - 3) * 2, rows * 2)).isEqualTo(some.codes());
        assertThat(Tensors.toDoubles(Objects.requireNonNull(all.weights()).narrow(0, rows - 3, 3)))
                .containsExactly(Tensors.toDoubles(Objects.requireNonNull(some.weights())), within(1e-12));
        byte[] chosen = SparseGpt.choose(last, factor, pattern).codes();
        double[] factors = factor.diagonal();
        Arrays.setAll(factors, j -> 1 / factors[j]);
        assertThat(Arrays.copyOfRange(WeightScores.largest(weight, factors, pattern), (rows - 3) * 2, rows * 2))
                .isEqualTo(chosen);
    }

    @Test
    void ofEqualScoresTheFirstAreKept() {
        Tensor equal = Tensors.of(new float[] {1, -1, 1, 1, 0, 0, 0, 0}, 2, 4);
        byte[] codes = WeightScores.magnitude(equal, SparsityPattern.parse("2:4"));
        assertThat(codes).containsExactly(0, 0);
    }

    @Test
    void refusesInputsThatCannotBeFactored() {
        Tensor nan = Tensors.of(new double[] {1, Double.NaN, Double.NaN, 1}, 2, 2);
        assertThatThrownBy(() -> HessianFactor.of(nan, 0.01))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("finite and positive definite");
        Tensor singular = Tensors.of(new double[] {1, 1, 1, 1}, 2, 2);
        assertThatThrownBy(() -> HessianFactor.of(singular, 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("damp 0.0");
        assertThat(HessianFactor.of(singular, 0.01).dead()).containsOnly(false);
    }

    @Test
    void refusesWidthsThatAreNoMultipleOfM() {
        assertThatThrownBy(() -> SparseGpt.update(random(2, 6), factor(6), SparsityPattern.parse("2:4")))
                .hasMessage("in must be a multiple of m; got in=6, m=4");
    }

    private static HessianFactor factor(int columns) {
        Tensor x = inputs(columns);
        return HessianFactor.of(x.t().mm(x).mul(new Scalar(0.1)), 0.01);
    }

    /** Correlated inputs [tokens, columns]. */
    private static Tensor inputs(int columns) {
        Tensor mix = random(columns, columns);
        return random(2 * columns, columns).mm(mix);
    }

    private static Tensor random(int rows, int columns) {
        double[] values = new SplittableRandom(rows * 31L + columns)
                .doubles((long) rows * columns, -1, 1)
                .toArray();
        return Tensors.of(values, rows, columns);
    }
}
