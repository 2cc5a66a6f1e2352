package dev.lapidary.estimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.nn.Activation;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Mlp;
import dev.lapidary.nn.Parameters;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Estimates against the gradient of every configuration, on a program of two choices, the second of which depends on the first. */
final class EstimatorTest {
    private static final long ROWS = 2;
    private static final int COPIES = 32; // of the rows, so that a step averages as many draws
    private static final double[] FIRST = {0.3, -0.8, 0.5, 1.1, 0.2, -0.4, -0.9, 0.6, 0.1, 0.7, -0.2, 0.4}; // [2, 2, 3]
    private static final double[] MIX = {0.9, -1.2, 0.4, 0.7, -0.3, 1.5, -0.6, 0.8, 0.2, -1.1, 0.5, 0.3}; // [2·3, 2]
    private static final double[] WEIGHT = {2.0, -1.5, 0.7, 0.4, -0.9, 1.3, 0.6, -0.2}; // [2·3 + 2]
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    /** Logits [rows, 2, 3], a matrix [6, 2] from the first choice to the second's logits, and weights [8] of a loss (w·z)² + w·z. */
    private record Leaves(Tensor first, Tensor mix, Tensor weight) {
        static Leaves draw() {
            return new Leaves(
                    Tensors.of(FIRST, ROWS, 2, 3).set_requires_grad(true),
                    Tensors.of(MIX, 6, 2).set_requires_grad(true),
                    Tensors.of(WEIGHT, 8).set_requires_grad(true));
        }

        Tensor loss(Choices choices) {
            Tensor one = choices.choose(first.repeat(COPIES, 1, 1)).flatten(-2, -1); // [.., copies·rows, 6]
            Tensor two = choices.choose(one.matmul(mix).unsqueeze(-2)).squeeze(-2); // [.., copies·rows, 2]
            Tensor sum = one.mul(weight.narrow(0, 0, 6))
                    .sum(new long[] {-1}, false, new ScalarTypeOptional())
                    .add(two.mul(weight.narrow(0, 6, 2)).sum(new long[] {-1}, false, new ScalarTypeOptional()));
            return sum.square().add(sum).add(one.matmul(mix).mul(two).sum(new long[] {-1}, false, new ScalarTypeOptional()));
        }

        double[] gradients() {
            double[] all = new double[12 + 12 + 8];
            System.arraycopy(Tensors.toDoubles(first.grad()), 0, all, 0, 12);
            System.arraycopy(Tensors.toDoubles(mix.grad()), 0, all, 12, 12);
            System.arraycopy(Tensors.toDoubles(weight.grad()), 0, all, 24, 8);
            return all;
        }
    }

    private static double[] once(GradientEstimator estimator, Parameters own, long step) {
        try (var inner = TorchScope.open()) {
            Leaves leaves = Leaves.draw();
            Tensor context = Tensors.of(new double[] {1, 0, 0, 1}, ROWS, 2).repeat(COPIES, 1);
            Pass pass = new Pass(Forward.evaluating(own), new CounterNoise(7, 1), step, context);
            estimator.estimate(leaves::loss, pass).surrogate().backward();
            return leaves.gradients();
        }
    }

    private static double[] exact() {
        try (Parameters none = Parameters.draw(List.of(), 0)) {
            return once(ExactEnumeration.standard(), none, 0);
        }
    }

    /** The expected loss by plain loops over every configuration. */
    private static double expectedLoss(double[] first, double[] mix, double[] weight) {
        double total = 0;
        for (int row = 0; row < ROWS; row++) {
            for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++) {
                    double[] two = {mix[2 * a] + mix[2 * (3 + b)], mix[2 * a + 1] + mix[2 * (3 + b) + 1]};
                    for (int c = 0; c < 2; c++) {
                        double sum = weight[a] + weight[3 + b] + weight[6 + c];
                        double p = softmax(first, row * 6, 3, a) * softmax(first, row * 6 + 3, 3, b) * softmax(two, 0, 2, c);
                        total += p * (sum * sum + sum + two[c]) / ROWS;
                    }
                }
            }
        }
        return total;
    }

    private static double softmax(double[] logits, int from, int count, int at) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits[from + i]);
        }
        return Math.exp(logits[from + at]) / sum;
    }

    @Test
    void enumerationIsTheGradientOfTheExpectedLoss() {
        double[] gradient = exact();
        double step = 1e-6;
        for (int i = 0; i < gradient.length; i++) {
            double[][] up = {FIRST.clone(), MIX.clone(), WEIGHT.clone()};
            double[][] down = {FIRST.clone(), MIX.clone(), WEIGHT.clone()};
            int part = i < 12 ? 0 : i < 24 ? 1 : 2;
            up[part][i - 12 * part] += step;
            down[part][i - 12 * part] -= step;
            double slope = (expectedLoss(up[0], up[1], up[2]) - expectedLoss(down[0], down[1], down[2])) / (2 * step);
            assertThat(gradient[i]).as("number %d", i).isCloseTo(slope, within(1e-7));
        }
    }

    /** An estimator with a name; made anew for each test, since baselines have a state. */
    private record Case(String name, Supplier<GradientEstimator> estimator) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Case> unbiased() {
        return List.of(
                new Case("running mean", () -> new ScoreFunction(Baseline.runningMean())),
                new Case(
                        "learned",
                        () -> new ScoreFunction(new LearnedBaseline(
                                Mlp.of("estimator.baseline", List.of(2, 3, 1), Activation.TANH), 0.8, false))),
                new Case("rebar", () -> Rebar.of(2, 0.5)),
                new Case("rebar, hot", () -> new Rebar(2, 2, 0.7)));
    }

    private static List<Case> biased() {
        return List.of(
                new Case("straight-through", StraightThroughEstimator::standard),
                new Case("gumbel, hot", () -> RelaxedEstimator.soft(AnnealedTemperature.constant(1))));
    }

    /** The greatest |mean − exact|/(standard error) of the gradient's numbers, and the mean variance of those of the logits. */
    private static double[] deviation(GradientEstimator estimator, int steps) {
        double[] sum = new double[32];
        double[] squares = new double[32];
        try (Parameters own = Parameters.draw(estimator.parameters(), 3, DType.F64)) {
            for (int step = 0; step < steps; step++) {
                double[] gradient = once(estimator, own, step);
                for (int i = 0; step > 0 && i < 32; i++) { // the first step's baseline is its own mean
                    sum[i] += gradient[i] / (steps - 1);
                    squares[i] += gradient[i] * gradient[i] / (steps - 1);
                }
            }
        }
        double[] exact = exact();
        double greatest = 0;
        double variance = 0;
        for (int i = 0; i < 32; i++) {
            double own = squares[i] - sum[i] * sum[i];
            greatest = Math.max(greatest, Math.abs(sum[i] - exact[i]) / Math.sqrt(own / (steps - 1)));
            variance += i < 24 ? own / 24 : 0;
        }
        return new double[] {greatest, variance};
    }

    /** 32 means of 119, each within 4.5 standard errors: by Bonferroni's bound an unbiased estimator fails at one seed in 2000. */
    @ParameterizedTest
    @MethodSource("unbiased")
    void unbiasedEstimatorsAverageToTheExactGradient(Case one) {
        assertThat(deviation(one.estimator().get(), 120)[0]).isLessThan(4.5);
    }

    @ParameterizedTest
    @MethodSource("biased")
    void biasedEstimatorsDoNot(Case one) {
        assertThat(deviation(one.estimator().get(), 120)[0]).as("the test can fail").isGreaterThan(6);
    }

    @Test
    void controlVariatesTakeVarianceAway() {
        double score = deviation(new ScoreFunction(Baseline.runningMean()), 60)[1];
        double rebar = deviation(Rebar.of(2, 1), 60)[1];
        assertThat(rebar).isLessThan(0.92 * score);
    }

    @Test
    void aDrawGivenItsGreatestPlaceIsTheDrawItself() {
        Tensor log = Tensors.of(FIRST, ROWS, 2, 3).log_softmax(-1);
        Tensor free = log.add(Pass.gumbel(new CounterNoise(5, 5), 0, 0, ROWS, 2, 3));
        Tensor tied = Rebar.conditional(log, free, HardChoices.oneHot(free));
        assertThat(Tensors.toDoubles(tied)).containsExactly(Tensors.toDoubles(free), within(1e-12));
    }

    /** With fixed noise every relaxed loss is a smooth function of the logits, and its surrogate's gradient is that function's. */
    @Test
    void relaxedGradientsAreFiniteDifferencesOnFixedNoise() {
        RelaxedEstimator soft = RelaxedEstimator.soft(new AnnealedTemperature(1, 0.4, 0.01, 1));
        try (Parameters none = Parameters.draw(List.of(), 0)) {
            double[] gradient = once(soft, none, 30);
            for (int i = 0; i < 12; i++) {
                double slope = (relaxedLoss(soft, none, i, 1e-6) - relaxedLoss(soft, none, i, -1e-6)) / 2e-6;
                assertThat(gradient[i]).isCloseTo(slope, within(1e-7));
            }
        }
    }

    private static double relaxedLoss(RelaxedEstimator soft, Parameters none, int at, double by) {
        try (var inner = TorchScope.open()) {
            double[] moved = FIRST.clone();
            moved[at] += by;
            Leaves leaves = new Leaves(Tensors.of(moved, ROWS, 2, 3), Tensors.of(MIX, 6, 2), Tensors.of(WEIGHT, 8));
            Pass pass = new Pass(Forward.evaluating(none), new CounterNoise(7, 1), 30, leaves.weight());
            return soft.estimate(leaves::loss, pass).surrogate().item_double();
        }
    }

    /** Bengio's estimator: ∂f/∂z at the one-hot z through the Jacobian of softmax(θ), for f = a·z + z·B·z of one choice. */
    @Test
    void straightThroughGradientIsTheProbabilitiesJacobian() {
        double[] theta = {0.4, -0.3, 0.9};
        double[] a = {1.0, -2.0, 0.5};
        Tensor logits = Tensors.of(theta, 1, 1, 3).set_requires_grad(true);
        Tensor[] chosen = new Tensor[1];
        Pass pass = new Pass(Forward.evaluating(Parameters.draw(List.of(), 0)), new CounterNoise(1, 1), 4, logits);
        StraightThroughEstimator.standard()
                .estimate(
                        choices -> {
                            Tensor z = choices.choose(logits);
                            chosen[0] = z;
                            return z.pow(new Scalar(3.0)).mul(Tensors.of(a, 3)).sum(new long[] {-2, -1}, false, new ScalarTypeOptional());
                        },
                        pass)
                .surrogate()
                .backward();
        double[] z = Tensors.toDoubles(chosen[0]);
        assertThat(z).containsOnly(0, 1);
        double[] expected = new double[3];
        double mean = 0;
        for (int i = 0; i < 3; i++) {
            mean += softmax(theta, 0, 3, i) * 3 * a[i] * z[i] * z[i];
        }
        for (int i = 0; i < 3; i++) {
            expected[i] = softmax(theta, 0, 3, i) * (3 * a[i] * z[i] * z[i] - mean);
        }
        assertThat(Tensors.toDoubles(logits.grad())).containsExactly(expected, within(1e-12));
    }

    @Test
    void severalChoicesHaveTheSoftmaxFrequenciesAndTheirLogProbability() {
        double[] theta = {0.5, -1, 0.2, 1.3};
        int draws = 20_000;
        HardChoices choices = HardChoices.several(new CounterNoise(11, 2), 3, draws);
        double[] z = Tensors.toDoubles(choices.choose(Tensors.of(theta, 1, 1, 4))); // [draws, 1, 1, 4]
        double[] log = Tensors.toDoubles(choices.logProbability());
        double chi = 0;
        for (int k = 0; k < 4; k++) {
            double count = 0;
            double p = softmax(theta, 0, 4, k);
            for (int i = 0; i < draws; i++) {
                count += z[4 * i + k];
                if (z[4 * i + k] == 1) {
                    assertThat(log[i]).isCloseTo(Math.log(p), within(1e-12));
                }
            }
            chi += (count - draws * p) * (count - draws * p) / (draws * p);
        }
        assertThat(chi).isLessThan(16.27); // 3 degrees of freedom, one in a thousand
    }

    @Test
    void coldSamplesAreOneHot() {
        Tensor logits = Tensors.of(FIRST, ROWS, 2, 3);
        Pass pass = new Pass(Forward.evaluating(Parameters.draw(List.of(), 0)), new CounterNoise(2, 2), 1, logits);
        double[][] samples = new double[2][];
        for (int i = 0; i < 2; i++) {
            int at = i;
            RelaxedEstimator estimator = i == 0
                    ? RelaxedEstimator.soft(AnnealedTemperature.constant(1e-3))
                    : RelaxedEstimator.hard(AnnealedTemperature.constant(1));
            estimator.estimate(choices -> {
                samples[at] = Tensors.toDoubles(choices.choose(logits));
                return logits.sum(new long[] {-2, -1}, false, new ScalarTypeOptional());
            }, pass);
        }
        assertThat(samples[1]).containsOnly(0, 1);
        assertThat(samples[0]).containsExactly(samples[1], within(1e-9));
    }

    @Test
    void temperaturesFallInStairsToTheFloor() {
        AnnealedTemperature paper = new AnnealedTemperature(1, 0.5, 1e-4, 500);
        assertThat(paper.at(499)).isEqualTo(1);
        assertThat(paper.at(500)).isCloseTo(Math.exp(-0.05), within(1e-15));
        assertThat(paper.at(100_000)).isEqualTo(0.5);
        AnnealedTemperature short1 = AnnealedTemperature.reaching(1, 0.5, 200);
        assertThat(short1.at(100)).isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(short1.at(200)).isCloseTo(0.5, within(1e-12));
        assertThatThrownBy(() -> AnnealedTemperature.constant(0)).hasMessageContaining("got 0.0 to 0.0");
    }

    @Test
    void badProgramsAreNamed() {
        try (Parameters none = Parameters.draw(List.of(), 0)) {
            assertThatThrownBy(() -> once(new ExactEnumeration(17), none, 0))
                    .hasMessageContaining("at most 17; got 2 classes of 1 variables after 9");
            Rebar one = Rebar.of(1, 0.5);
            try (Parameters own = Parameters.draw(one.parameters(), 0, DType.F64)) {
                assertThatThrownBy(() -> once(one, own, 0)).hasMessageContaining("must make 1 choices; got 2");
            }
        }
        assertThat(Rebar.of(2, 1).parameters()).hasSize(2);
    }
}
