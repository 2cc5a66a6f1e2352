package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The identities of the specification's Gumbel sampling tests, with the product's own noise. */
final class GumbelDistributionTest {
    private static final JsonNode SAMPLING = Objects.requireNonNull(Golden.ROOT.get("gumbel_sampling"));
    private static final CounterNoise NOISE = new CounterNoise(2026, 0);
    private static final int SAMPLES = 400_000;
    private static final double[] TAUS = {0.1, 0.5, 1, 2, 5, 10};
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void argmaxHasTheSoftmaxProbabilitiesAndIsTheSameAtEveryTemperature() {
        int draws = 10_000;
        double[] probabilities = Golden.vector(SAMPLING.get("argmax_probabilities_any_tau"));
        Tensor logits = repeated(Golden.vector(SAMPLING.get("logits")), draws);
        float[] first = Tensors.toFloats(GumbelSoftmax.hard(1, 1).sample(logits, NOISE, 1));
        for (double tau : new double[] {0.1, 5, 100}) {
            assertThat(Tensors.toFloats(GumbelSoftmax.hard(tau, 1).sample(logits, NOISE, 1)))
                    .isEqualTo(first);
        }
        assertThat(chiSquare(first, probabilities, draws)).isLessThan(16.27);
        double[] wrong = {probabilities[1], probabilities[0], probabilities[2], probabilities[3]};
        assertThat(chiSquare(first, wrong, draws)).as("the test can fail").isGreaterThan(1000);
    }

    private static double chiSquare(float[] oneHot, double[] probabilities, int draws) {
        double chi = 0;
        for (int j = 0; j < 4; j++) {
            double count = 0;
            for (int i = 0; i < draws; i++) {
                count += oneHot[4 * i + j];
            }
            double expected = draws * probabilities[j];
            chi += (count - expected) * (count - expected) / expected;
        }
        return chi;
    }

    @Test
    void momentsAreTheGoldenOnesAndEntropyRisesWithTemperature() {
        double last = 0;
        Tensor logits = repeated(Golden.vector(SAMPLING.get("logits")), SAMPLES);
        for (double tau : TAUS) {
            JsonNode golden = SAMPLING.get("moments_400k_samples_tol_0.004").get(String.valueOf(tau));
            float[] y = Tensors.toFloats(GumbelSoftmax.soft(tau, 1).sample(logits, NOISE, 2));
            double[] mean = new double[4];
            double entropy = 0;
            double greatest = 0;
            for (int i = 0; i < y.length; i += 4) {
                float max = 0;
                for (int j = 0; j < 4; j++) {
                    float v = y[i + j];
                    mean[j] += v / (double) SAMPLES;
                    entropy -= v > 0 ? v * Math.log(v) / SAMPLES : 0;
                    max = Math.max(max, v);
                }
                greatest += max / (double) SAMPLES;
            }
            assertThat(mean).containsExactly(Golden.vector(golden.get("mean")), within(0.004));
            assertThat(entropy).isCloseTo(golden.get("mean_entropy").asDouble(), within(0.004));
            assertThat(greatest).isCloseTo(golden.get("mean_max").asDouble(), within(0.004));
            assertThat(entropy).isGreaterThan(last);
            last = entropy;
        }
    }

    @Test
    void twoLogitsHaveTheClosedFormMean() {
        for (Map.Entry<String, JsonNode> entry :
                SAMPLING.get("n2_tau1").get("E_y1").properties()) {
            float[] y = first(Double.parseDouble(entry.getKey()));
            assertThat(mean(y)).isCloseTo(entry.getValue().asDouble(), within(0.002)); // standard error 0.00046
        }
        float[] uniform = first(0);
        double mean = mean(uniform);
        double variance = 0;
        for (float v : uniform) {
            variance += (v - mean) * (v - mean) / SAMPLES;
        }
        assertThat(mean).isCloseTo(0.5, within(0.002));
        assertThat(variance).isCloseTo(1 / 12.0, within(0.0006)); // standard error 0.00012
    }

    private static float[] first(double gap) {
        float[] y =
                Tensors.toFloats(GumbelSoftmax.soft(1, 1).sample(repeated(new double[] {gap, 0}, SAMPLES), NOISE, 3));
        float[] first = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            first[i] = y[2 * i];
        }
        return first;
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8, 10, 32, 128, 370})
    void equalLogitsHaveTheExactExpectedLoss(int n) {
        JsonNode golden = Golden.ROOT
                .get("gumbel_expectation_equal_logits_tau1")
                .get("by_n")
                .get(String.valueOf(n));
        int rows = Math.min(200_000, 1_500_000 / n);
        double[] losses = losses(new double[n], rows);
        double mean = Arrays.stream(losses).average().orElseThrow();
        double error = Math.sqrt(
                Arrays.stream(losses).map(x -> (x - mean) * (x - mean)).sum() / rows / rows);
        assertThat(error).isLessThan(0.02);
        assertThat(mean).isCloseTo(golden.get("exact_by_quadrature").asDouble(), within(4 * error));
        assertThat(mean)
                .as("above the loss of the mean")
                .isGreaterThan(golden.get("ln_n").asDouble() + 5 * error);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "3, 4", "4, 8"})
    void aGapOfTwoLogitsRaisesTheExpectedLoss(int index, double gap) {
        JsonNode golden =
                Golden.ROOT.get("gumbel_expectation_equal_logits_tau1").get("two_logits_gap_d");
        assertThat(golden.get("d").get(index).asDouble()).isEqualTo(gap);
        double value = golden.get("value").get(index).asDouble();
        double mean =
                Arrays.stream(losses(new double[] {gap, 0}, 200_000)).average().orElseThrow();
        assertThat(value).isCloseTo(gap == 0 ? 1 : gap / 2 / Math.tanh(gap / 2), within(1e-9));
        assertThat(mean).isCloseTo(value, within(0.01)); // standard error at most 0.002
    }

    /** −mean ln y of each row. */
    private static double[] losses(double[] logits, int rows) {
        Tensor noise = Noise.gumbel(NOISE, 4, rows, logits.length);
        Tensor logs = GumbelSoftmax.soft(1, 1).logSample(repeated(logits, rows), noise);
        return Tensors.toDoubles(logs.mean(1).neg());
    }

    private static Tensor repeated(double[] logits, int rows) {
        float[] values = new float[logits.length * rows];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) logits[i % logits.length];
        }
        return Tensors.of(values, rows, logits.length);
    }
}
