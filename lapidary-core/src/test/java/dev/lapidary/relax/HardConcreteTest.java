package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HardConcreteTest {
    private static final HardConcrete GATES = HardConcrete.standard();
    private static final double[] LOG_ALPHA = {-4, -1, -0.3, 0, 0.4, 1.2, 5};
    private static final double[] UNIFORM = {0.3, 0.55, 0.2, 0.5, 0.6, 0.35, 0.9};
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void samplesFollowTheFormulaWithExactZerosAndOnes() {
        double[] expected = new double[7];
        for (int i = 0; i < 7; i++) {
            double s = sigmoid((Math.log(UNIFORM[i] / (1 - UNIFORM[i])) + LOG_ALPHA[i]) / (2.0 / 3));
            expected[i] = Math.min(1, Math.max(0, s * 1.2 - 0.1));
        }
        double[] actual = Tensors.toDoubles(GATES.sample(Tensors.of(LOG_ALPHA), Tensors.of(UNIFORM)));
        assertThat(actual).containsExactly(expected, within(1e-12));
        assertThat(actual[0]).isZero();
        assertThat(actual[6]).isEqualTo(1);
        assertThat(actual[3]).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void gatesAfterTrainingAndPenaltyFollowTheFormulas() {
        double[] gate = Tensors.toDoubles(GATES.gate(Tensors.of(LOG_ALPHA)));
        double[] open = Tensors.toDoubles(GATES.openProbability(Tensors.of(LOG_ALPHA)));
        double sum = 0;
        for (int i = 0; i < 7; i++) {
            assertThat(gate[i]).isCloseTo(Math.clamp(sigmoid(LOG_ALPHA[i]) * 1.2 - 0.1, 0, 1), within(1e-12));
            assertThat(open[i]).isCloseTo(sigmoid(LOG_ALPHA[i] + 2.0 / 3 * Math.log(11)), within(1e-12));
            sum += open[i];
        }
        assertThat(GATES.penalty(Tensors.of(LOG_ALPHA)).item_double()).isCloseTo(sum, within(1e-12));
        assertThat(gate[0]).isZero();
        assertThat(gate[6]).isEqualTo(1);
    }

    @Test
    void numbersAndTensorsFollowOneFormula() {
        double[] sampled = Tensors.toDoubles(GATES.sample(Tensors.of(LOG_ALPHA), Tensors.of(UNIFORM)));
        double[] gate = Tensors.toDoubles(GATES.gate(Tensors.of(LOG_ALPHA)));
        double[] open = Tensors.toDoubles(GATES.openProbability(Tensors.of(LOG_ALPHA)));
        for (int i = 0; i < 7; i++) {
            double u = UNIFORM[i];
            double s = GATES.noisySigmoid(LOG_ALPHA[i], u);
            assertThat(GATES.stretch(s)).isCloseTo(sampled[i], within(1e-12));
            assertThat(GATES.gate(LOG_ALPHA[i])).isCloseTo(gate[i], within(1e-12));
            assertThat(GATES.openProbability(LOG_ALPHA[i])).isCloseTo(open[i], within(1e-12));
            double above = GATES.stretch(GATES.noisySigmoid(LOG_ALPHA[i] + 1e-6, u));
            double below = GATES.stretch(GATES.noisySigmoid(LOG_ALPHA[i] - 1e-6, u));
            assertThat(GATES.slope(s)).isCloseTo((above - below) / 2e-6, within(1e-8));
        }
    }

    @Test
    void gradientsAgreeWithFiniteDifferences() {
        Tensor uniform = Tensors.of(UNIFORM);
        FiniteDifferences.check(LOG_ALPHA, x -> GATES.sample(x, uniform).mul(x).sum());
        FiniteDifferences.check(LOG_ALPHA, x -> GATES.gate(x).mul(uniform).sum());
        FiniteDifferences.check(LOG_ALPHA, GATES::penalty);
    }

    @Test
    void theShareOfOpenGatesIsThePenalty() {
        int n = 100_000;
        for (float logAlpha : new float[] {-3, -1, 0.5f}) {
            float[] filled = new float[n];
            Arrays.fill(filled, logAlpha);
            Tensor tensor = Tensors.of(filled);
            float[] gates = Tensors.toFloats(GATES.sample(tensor, new CounterNoise(1, 5), 0));
            double open = 0;
            for (float gate : gates) {
                open += gate != 0 ? 1.0 / n : 0;
            }
            assertThat(open).isCloseTo(GATES.penalty(tensor).item_double() / n, within(0.007)); // 4 standard errors
            assertThat(Tensors.toFloats(GATES.sample(tensor, new CounterNoise(1, 5), 0)))
                    .isEqualTo(gates);
        }
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new HardConcrete(0, -0.1, 1.1)).hasMessageContaining("got 0.0");
        assertThatThrownBy(() -> new HardConcrete(1, 0.1, 1.1)).hasMessageContaining("got 0.1 to 1.1");
        assertThatThrownBy(() -> GATES.sample(Tensors.of(LOG_ALPHA), Tensors.of(new double[2])))
                .hasMessageContaining("got [2]");
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
