package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class GumbelSoftmaxTest {
    private static final JsonNode GUMBEL = Objects.requireNonNull(Golden.ROOT.get("gumbel"));
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void noiseIsTheGoldenOne() {
        for (String dim : new String[] {"dim0", "dim1"}) {
            assertClose(noise(dim), Golden.matrix(GUMBEL.get("g_" + dim)), 1e-9);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "1.0", "2.0"})
    void samplesLossesAndGradientsAreTheGoldenOnes(String tau) {
        JsonNode golden = GUMBEL.get("tau").get(tau);
        Tensor logits = Tensors.of(Golden.matrix(GUMBEL.get("logits"))).set_requires_grad(true);
        Tensor total = Tensors.of(new double[] {0}, 1);
        double[] closed = new double[12];
        for (int axis = 0; axis < 2; axis++) {
            var relaxed = GumbelSoftmax.soft(Double.parseDouble(tau), axis);
            Tensor y = relaxed.sample(logits, noise("dim" + axis));
            assertClose(y, Golden.matrix(golden.get("y_dim" + axis)), 1e-9);
            Tensor loss = relaxed.logSample(logits, noise("dim" + axis)).mean().neg();
            assertThat(loss.item_double())
                    .isCloseTo(golden.get("loss_dim" + axis).asDouble(), within(1e-9));
            total = total.add(loss.mul(new Scalar(0.5)));
            double[] values = Tensors.toDoubles(y);
            for (int i = 0; i < 12; i++) {
                closed[i] += (y.size(axis) * values[i] - 1) / (12 * relaxed.temperature()) / 2;
            }
        }
        total.backward();
        assertThat(total.item_double()).isCloseTo(golden.get("loss").asDouble(), within(1e-9));
        assertClose(logits.grad(), Golden.matrix(golden.get("grad")), 1e-9);
        assertThat(Tensors.toDoubles(logits.grad())).containsExactly(closed, within(1e-12));
    }

    @Test
    void floatSamplesAgreeWithTheGoldenOnes() {
        Tensor logits = Tensors.of(Golden.matrix(GUMBEL.get("logits"))).to(ScalarType.Float);
        Tensor y = GumbelSoftmax.soft(0.5, -1).sample(logits, noise("dim1"));
        assertThat(y.scalar_type().intern()).isEqualTo(ScalarType.Float);
        assertClose(y, Golden.matrix(GUMBEL.get("tau").get("0.5").get("y_dim1")), 1e-6);
    }

    @Test
    void hardSamplesAreTheGoldenOneHotRows() {
        JsonNode golden = GUMBEL.get("hard_tau1");
        Tensor logits = Tensors.of(Golden.matrix(GUMBEL.get("logits")));
        Tensor y = GumbelSoftmax.hard(1, 1).sample(logits, noise("dim1"));
        double[][] expected = Golden.matrix(golden.get("y_dim1_onehot"));
        assertThat(Tensors.toDoubles(y))
                .containsExactly(
                        Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray());
        double floored = -y.clamp_min(new Scalar(1e-12)).log().mean().item_double();
        assertThat(floored).isCloseTo(golden.get("loss_dim1_floor_1e-12").asDouble(), within(1e-9));
        assertThatThrownBy(() -> GumbelSoftmax.hard(1, 1).logSample(logits, noise("dim1")))
                .hasMessageContaining("got a hard one");
    }

    @Test
    void diagonalVariantIsTheGoldenOne() {
        JsonNode golden = GUMBEL.get("diag_variant_tau1");
        Tensor logits = Tensors.of(Golden.matrix(GUMBEL.get("logits"))).set_requires_grad(true);
        Tensor byBatch = GumbelSoftmax.soft(1, 0)
                .logSample(logits, noise("dim0"))
                .diagonal()
                .mean();
        Tensor byConcept = GumbelSoftmax.soft(1, 1)
                .logSample(logits, noise("dim1"))
                .diagonal()
                .mean();
        Tensor loss = byBatch.add(byConcept).mul(new Scalar(-0.5));
        loss.backward();
        assertThat(loss.item_double()).isCloseTo(golden.get("loss").asDouble(), within(1e-9));
        assertClose(logits.grad(), Golden.matrix(golden.get("grad")), 1e-9);
    }

    /** f(y) = Σ a·y³ + b·y: backward is df/dy at the one-hot y, pushed through the soft sample's Jacobian. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1, 4})
    void straightThroughGradientIsTheSoftJacobian(double tau) {
        double[] a = {0.5, -1, 2, 0.25, 1, 1, -3, 0.7, 0.1, 0.2, 0.3, 0.4};
        double[] b = {-0.2, 0.9, 0.4, 1, 0, 2, 1, -1, 0.6, 0.5, -0.4, 0.3};
        Tensor logits = Tensors.of(Golden.matrix(GUMBEL.get("logits"))).set_requires_grad(true);
        Tensor y = GumbelSoftmax.hard(tau, 1).sample(logits, noise("dim1"));
        y.pow(new Scalar(3.0))
                .mul(Tensors.of(a, 3, 4))
                .add(y.mul(Tensors.of(b, 3, 4)))
                .sum()
                .backward();

        double[] hard = Tensors.toDoubles(y);
        double[] soft = Tensors.toDoubles(GumbelSoftmax.soft(tau, 1).sample(logits, noise("dim1")));
        double[] expected = new double[12];
        for (int i = 0; i < 12; i++) {
            int row = i / 4 * 4;
            double mean = 0;
            for (int j = row; j < row + 4; j++) {
                mean += soft[j] * (3 * a[j] * hard[j] * hard[j] + b[j]);
            }
            expected[i] = soft[i] * (3 * a[i] * hard[i] * hard[i] + b[i] - mean) / tau;
        }
        assertThat(hard).containsOnly(0, 1);
        assertThat(Tensors.toDoubles(logits.grad())).containsExactly(expected, within(1e-12));
    }

    @Test
    void counterNoiseRepeatsAStepAndOnlyThatStep() {
        Tensor logits = Tensors.of(new float[35], 5, 7);
        var relaxed = GumbelSoftmax.soft(1, 0);
        float[] first = Tensors.toFloats(relaxed.sample(logits, new CounterNoise(3, 1), 9));
        assertThat(Tensors.toFloats(relaxed.sample(logits, new CounterNoise(3, 1), 9)))
                .isEqualTo(first);
        assertThat(Tensors.toFloats(relaxed.sample(logits, new CounterNoise(3, 1), 10)))
                .isNotEqualTo(first);
        assertThat(Tensors.toFloats(relaxed.sample(logits, new CounterNoise(3, 2), 9)))
                .isNotEqualTo(first);
        double column = 0;
        for (int i = 0; i < 35; i += 7) {
            column += first[i];
        }
        assertThat(column).isCloseTo(1, within(1e-6));
    }

    @Test
    void badSettingsAreNamed() {
        Tensor logits = Tensors.of(new double[6], 2, 3);
        assertThatThrownBy(() -> GumbelSoftmax.soft(0, 1)).hasMessageContaining("got 0.0");
        assertThatThrownBy(() -> GumbelSoftmax.soft(Double.NaN, 1)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> GumbelSoftmax.soft(1, 2).sample(logits, logits))
                .hasMessageContaining("got 2");
        assertThatThrownBy(() -> GumbelSoftmax.soft(1, 1).sample(logits, Tensors.of(new double[6], 3, 2)))
                .hasMessageContaining("got [3, 2]");
    }

    private static Tensor noise(String dim) {
        return Noise.gumbelOf(Tensors.of(Golden.matrix(GUMBEL.get("U_" + dim))));
    }

    private static void assertClose(Tensor actual, double[][] expected, double tolerance) {
        assertThat(Tensors.toDoubles(actual))
                .containsExactly(
                        Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray(), within(tolerance));
    }
}
