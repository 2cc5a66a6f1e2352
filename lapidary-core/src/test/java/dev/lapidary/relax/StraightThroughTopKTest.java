package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StraightThroughTopKTest {
    private static final double[] SCORES = {0.3, -1, 2, 0.9, -0.2, 1.4, 5, 4, 3, 2, 1, 0};
    private static final double[] WEIGHTS = {1, -2, 0.5, 3, 0.2, -0.7, 1.5, -1, 2, 0.3, 0.8, -0.4};
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void forwardIsExactlyKHotAlongEitherAxis() {
        Tensor scores = Tensors.of(SCORES, 2, 6);
        assertThat(Tensors.toDoubles(new StraightThroughTopK(2, 0.7, 1).apply(scores)))
                .containsExactly(0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0);
        assertThat(Tensors.toDoubles(new StraightThroughTopK(1, 0.7, 0).apply(scores)))
                .containsExactly(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0);
        Tensor ties = Tensors.of(new float[] {1, 1, 1, 1, 1});
        float[] chosen = Tensors.toFloats(new StraightThroughTopK(3, 1, 0).apply(ties));
        assertThat(chosen).containsOnly(0, 1);
        assertThat(chosen[0] + chosen[1] + chosen[2] + chosen[3] + chosen[4]).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"1, 0.01", "1, 1", "2, 0.3", "3, 10", "5, 1", "6, 1"})
    void softChoiceSumsToK(long k, double temperature) {
        double[] soft = Tensors.toDoubles(new StraightThroughTopK(k, temperature, 1).soft(Tensors.of(SCORES, 2, 6)));
        double first = 0;
        double second = 0;
        for (int i = 0; i < 6; i++) {
            first += soft[i];
            second += soft[6 + i];
            assertThat(soft[i]).isBetween(0.0, 1.0);
        }
        assertThat(first).isCloseTo(k, within(1e-9));
        assertThat(second).isCloseTo(k, within(1e-9));
    }

    @Test
    void softGradientAgreesWithFiniteDifferences() {
        Tensor weights = Tensors.of(WEIGHTS, 2, 6);
        var topK = new StraightThroughTopK(2, 0.8, 1);
        FiniteDifferences.check(SCORES, x -> topK.soft(x).mul(weights).sum(), 2, 6);
    }

    @Test
    void straightThroughGradientIsTheClosedFormAtTheHardChoice() {
        double tau = 0.8;
        var topK = new StraightThroughTopK(2, tau, 1);
        Tensor scores = Tensors.of(SCORES, 2, 6).set_requires_grad(true);
        Tensor hard = topK.apply(scores);
        hard.mul(hard).mul(Tensors.of(WEIGHTS, 2, 6)).sum().backward(); // df/dy = 2·w·y at the hard y
        double[] y = Tensors.toDoubles(hard);
        double[] soft = Tensors.toDoubles(topK.soft(scores));
        double[] expected = new double[12];
        for (int row = 0; row < 12; row += 6) {
            double slopes = 0;
            double product = 0;
            for (int j = row; j < row + 6; j++) {
                double slope = soft[j] * (1 - soft[j]);
                slopes += slope;
                product += slope * 2 * WEIGHTS[j] * y[j];
            }
            for (int j = row; j < row + 6; j++) {
                expected[j] = soft[j] * (1 - soft[j]) * (2 * WEIGHTS[j] * y[j] - product / slopes) / tau;
            }
        }
        assertThat(Tensors.toDoubles(scores.grad())).containsExactly(expected, within(1e-9));
    }

    @Test
    void floatsKeepTheirTypeAndAllOnesHaveNoGradient() {
        Tensor scores = Tensors.of(new float[] {1, 2, 3}).set_requires_grad(true);
        Tensor all = new StraightThroughTopK(3, 1, 0).apply(scores);
        all.sum().backward();
        assertThat(all.scalar_type().intern()).isEqualTo(ScalarType.Float);
        assertThat(Tensors.toFloats(all)).containsExactly(1, 1, 1);
        assertThat(Tensors.toFloats(scores.grad())).containsExactly(0, 0, 0);
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new StraightThroughTopK(0, 1, 0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new StraightThroughTopK(1, -1, 0)).hasMessageContaining("got -1.0");
        assertThatThrownBy(() -> new StraightThroughTopK(4, 1, 0).apply(Tensors.of(new float[3])))
                .hasMessageContaining("size 3; got 4");
    }
}
