package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CutCrossEntropyTest {
    /** Sums over at most 19 coordinates and 101 words, of numbers whose magnitudes add up to some ten. */
    private static final Offset<Double> EXACT = Rounding.doubles(19 + 101 + 10, 10);

    /** Two tokens, three words, width 1, by hand: losses ln(1 + e^-1 + e^-2) and ln 3. */
    @Test
    void handMade() {
        try (var scope = TorchScope.open()) {
            Tensor hidden = Tensors.of(new double[] {1, 0}, 2, 1);
            Tensor weight = Tensors.of(new double[] {2, 1, 0}, 3, 1);
            Tensor targets = Tensors.of(new long[] {0, 2});
            double first = Math.log(1 + Math.exp(-1) + Math.exp(-2));
            assertThat(Tensors.toDoubles(CutCrossEntropy.losses(hidden, weight, targets)))
                    .containsExactly(new double[] {first, Math.log(3)}, EXACT);
            assertThat(CutCrossEntropy.loss(hidden, weight, targets)).isCloseTo((first + Math.log(3)) / 2, EXACT);
            var result = CutCrossEntropy.lossAndGradients(hidden, weight, targets, true);
            double p0 = Math.exp(-first);
            double p1 = Math.exp(-first - 1);
            assertThat(Tensors.toDoubles(result.hiddenGradient()))
                    .containsExactly(new double[] {(2 * (p0 - 1) + p1) / 2, 0.5}, EXACT);
            assertThat(Tensors.toDoubles(Objects.requireNonNull(result.weightGradient())))
                    .containsExactly(new double[] {(p0 - 1) / 2, p1 / 2, (1 - p0 - p1) / 2}, EXACT);
        }
    }

    /** Blocks of every kind of border, with and without ignored targets, against the plain loss with autograd. */
    @ParameterizedTest
    @CsvSource({"37, 101, 19, 1", "37, 101, 19, 8", "37, 101, 19, 37", "37, 101, 19, 64", "16, 7, 5, 4", "1, 3, 2, 16"})
    void equalsPlainLoss(int n, int vocabulary, int width, int rows) {
        for (double ignored : new double[] {0, 0.4}) {
            try (var scope = TorchScope.open()) {
                Random random = new Random(n + rows);
                Tensor hidden = leaf(random, n, width);
                Tensor weight = leaf(random, vocabulary, width);
                long[] ids = random.longs(n, 0, vocabulary).toArray();
                for (int i = 1; i < n; i++) {
                    ids[i] = random.nextDouble() < ignored ? CutCrossEntropy.IGNORED : ids[i];
                }
                Tensor targets = Tensors.of(ids);
                Tensor plain = torch.cross_entropy_loss(torch.linear(hidden, weight), targets);
                plain.backward();
                var result = CutCrossEntropy.lossAndGradients(hidden, weight, targets, true, rows);
                assertThat(result.loss()).isCloseTo(plain.item_double(), EXACT);
                assertThat(Tensors.toDoubles(result.hiddenGradient()))
                        .containsExactly(Tensors.toDoubles(hidden.grad()), EXACT);
                assertThat(Tensors.toDoubles(Objects.requireNonNull(result.weightGradient())))
                        .containsExactly(Tensors.toDoubles(weight.grad()), EXACT);
                assertThat(CutCrossEntropy.loss(hidden, weight, targets)).isCloseTo(plain.item_double(), EXACT);
                var without = CutCrossEntropy.lossAndGradients(hidden, weight, targets, false, rows);
                assertThat(without.weightGradient()).isNull();
                assertThat(Tensors.toDoubles(without.hiddenGradient()))
                        .containsExactly(Tensors.toDoubles(result.hiddenGradient()));
            }
        }
    }

    /** The gradient that the caller hands to backward reaches what the hidden states were made of. */
    @Test
    void goesOnThroughBackward() {
        try (var scope = TorchScope.open()) {
            Random random = new Random(5);
            Tensor input = leaf(random, 9, 4);
            Tensor weight = leaf(random, 11, 4).detach();
            Tensor targets = Tensors.of(random.longs(9, 0, 11).toArray());
            torch.cross_entropy_loss(torch.linear(input.tanh(), weight), targets)
                    .backward();
            double[] expected = Tensors.toDoubles(input.grad());
            input.mutable_grad().zero_();
            Tensor hidden = input.tanh();
            CutCrossEntropy.lossAndGradients(hidden, weight, targets, false).backward(hidden);
            assertThat(Tensors.toDoubles(input.grad())).containsExactly(expected, EXACT);
        }
    }

    @Test
    void largeLogitsStayFinite() {
        try (var scope = TorchScope.open()) {
            Tensor hidden = Tensors.of(new float[] {1000}, 1, 1);
            Tensor weight = Tensors.of(new float[] {1, -1}, 2, 1);
            assertThat(CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {1})))
                    .isEqualTo(2000);
            assertThat(CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {0})))
                    .isEqualTo(0);
        }
    }

    @Test
    void ignoredTargetsCostNothing() {
        try (var scope = TorchScope.open()) {
            Tensor hidden = leaf(new Random(1), 2, 3);
            Tensor weight = leaf(new Random(2), 5, 3);
            Tensor targets = Tensors.of(new long[] {CutCrossEntropy.IGNORED, 4});
            assertThat(Tensors.toDoubles(CutCrossEntropy.losses(hidden, weight, targets))[0])
                    .isZero();
            double[] gradient = Tensors.toDoubles(CutCrossEntropy.lossAndGradients(hidden, weight, targets, false)
                    .hiddenGradient());
            assertThat(Arrays.copyOf(gradient, 3)).containsOnly(0);
            assertThat(Arrays.copyOfRange(gradient, 3, 6)).doesNotContain(0);
        }
    }

    @Test
    void refusesTargetsOutside() {
        try (var scope = TorchScope.open()) {
            Tensor hidden = leaf(new Random(1), 2, 3);
            Tensor weight = leaf(new Random(2), 5, 3);
            assertThatThrownBy(() -> CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {0, 5})))
                    .isInstanceOf(InputException.class)
                    .hasMessage("a target must be -100 or from 0 to 4; got 5");
            assertThatThrownBy(() -> CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {-1, 0})))
                    .hasMessageEndingWith("got -1");
            assertThatThrownBy(() -> CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {-100, -100})))
                    .hasMessage("at least one target must not be ignored; got 2 that all are");
            assertThatThrownBy(() -> CutCrossEntropy.loss(hidden, weight, Tensors.of(new long[] {1})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("got [2, 3], [5, 3] and [1]");
        }
    }

    @Test
    void blocksKeepTheirSize() {
        assertThat(CutCrossEntropy.blockRows(32_000)).isEqualTo(131);
        assertThat(CutCrossEntropy.blockRows(2048)).isEqualTo(512);
        assertThat(CutCrossEntropy.blockRows(128_256)).isEqualTo(64);
    }

    private static Tensor leaf(Random random, int rows, int columns) {
        double[] values = new double[rows * columns];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Tensors.of(values, rows, columns).set_requires_grad(true);
    }
}
