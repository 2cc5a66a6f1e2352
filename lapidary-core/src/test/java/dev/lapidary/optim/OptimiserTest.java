package dev.lapidary.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Optimisers against their formulas in float64, on a matrix that decays and a vector that does not. */
class OptimiserTest {
    private static final AdamSettings ADAM = new AdamSettings(0.8, 0.95, 1e-6, 0.3);
    private static final double RATE = 0.02;
    private static final int STEPS = 5;

    @TempDir
    private Path folder;

    /** An optimiser and one step of its formula on one weight. */
    record Case(
            String name,
            Function<Collection<Tensor>, Optimiser> create,
            double decay,
            Formula formula,
            double maxNorm) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Returns the new weight, given the old, its clipped gradient, the decay that applies to it and its moments, which it changes. */
    interface Formula {
        double next(double w, double g, double decay, double[] moments, int number);
    }

    private static Stream<Case> cases() {
        return Stream.of(
                new Case("adamw", p -> new AdamW(p, ADAM), 0.3, OptimiserTest::adam, Double.POSITIVE_INFINITY),
                new Case("adamw clipped", p -> new AdamW(p, ADAM, 0.1), 0.3, OptimiserTest::adam, 0.1),
                new Case("sgd", p -> new Sgd(p, SgdSettings.defaults()), 0, sgd(0, false), Double.POSITIVE_INFINITY),
                new Case("momentum", p -> new Sgd(p, new SgdSettings(0.9, false, 0.1), 0.5), 0.1, sgd(0.9, false), 0.5),
                new Case("nesterov", p -> new Sgd(p, new SgdSettings(0.9, true, 0.1), 0.5), 0.1, sgd(0.9, true), 0.5));
    }

    private static double adam(double w, double g, double decay, double[] moments, int number) {
        moments[0] = 0.8 * moments[0] + 0.2 * g;
        moments[1] = 0.95 * moments[1] + 0.05 * g * g;
        double m = moments[0] / (1 - Math.pow(0.8, number));
        double v = moments[1] / (1 - Math.pow(0.95, number));
        return w * (1 - RATE * decay) - RATE * m / (Math.sqrt(v) + 1e-6);
    }

    private static Formula sgd(double momentum, boolean nesterov) {
        return (w, g, decay, moments, number) -> {
            double all = g + decay * w;
            moments[0] = momentum * moments[0] + all;
            return w - RATE * (nesterov ? all + momentum * moments[0] : moments[0]);
        };
    }

    private static double[] numbers(long seed, int count) {
        return new SplittableRandom(seed).doubles(count, -1, 1).toArray();
    }

    /** Two parameters whose gradients are linear in them, so that the formula can be followed. */
    private static final class Problem implements AutoCloseable {
        private final Tensor bias = TorchScope.hold(Tensors.of(numbers(1, 3)));
        private final Tensor matrix = TorchScope.hold(Tensors.of(numbers(2, 6), 2, 3));

        List<Tensor> parameters() {
            return List.of(bias, matrix);
        }

        /** Σ (w − 0.1)²/2 of all: the gradient of each is w − 0.1. */
        void backward() {
            try (var scope = TorchScope.open()) {
                for (Tensor each : parameters()) {
                    each.sub(new Scalar(0.1))
                            .square()
                            .sum()
                            .mul(new Scalar(0.5))
                            .backward();
                }
            }
        }

        double[] values() {
            double[] values = new double[9];
            System.arraycopy(Tensors.toDoubles(bias), 0, values, 0, 3);
            System.arraycopy(Tensors.toDoubles(matrix), 0, values, 3, 6);
            return values;
        }

        @Override
        public void close() {
            bias.close();
            matrix.close();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsFollowTheFormula(Case c) {
        try (Problem problem = new Problem();
                Optimiser optimiser = c.create().apply(problem.parameters())) {
            double[] expected = problem.values();
            double[][] moments = new double[9][2];
            for (int number = 1; number <= STEPS; number++) {
                double squares = 0;
                for (double w : expected) {
                    squares += (w - 0.1) * (w - 0.1);
                }
                double norm = Math.sqrt(squares);
                for (int i = 0; i < expected.length; i++) {
                    double g = (expected[i] - 0.1) * Math.min(1, c.maxNorm() / norm);
                    expected[i] = c.formula().next(expected[i], g, i < 3 ? 0 : c.decay(), moments[i], number);
                }
                problem.backward();
                assertThat(optimiser.step(number, RATE)).isCloseTo(norm, within(1e-12));
                assertThat(problem.values()).containsExactly(expected, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aCrewGivesTheSameBytes(Case c) {
        double[] alone = trained(c, false);
        assertThat(trained(c, true)).isEqualTo(alone);
    }

    /** Of many pieces, in float32. */
    private static double[] trained(Case c, boolean shared) {
        Tensor large = TorchScope.hold(Tensors.of(new float[300_000], 300, 1000));
        try (Optimiser optimiser = c.create().apply(List.of(large));
                TorchCrew crew = new TorchCrew(3)) {
            for (int number = 1; number <= 3; number++) {
                try (var scope = TorchScope.open()) {
                    float[] target = new float[300_000];
                    for (int i = 0; i < target.length; i++) {
                        target[i] = i % 97 - 48;
                    }
                    large.sub(Tensors.of(target, 300, 1000)).square().sum().backward();
                }
                optimiser.step(number, RATE, shared ? crew : null);
            }
            return Tensors.toDoubles(large);
        } finally {
            large.close();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anInterruptedTrainingGoesOnBitForBit(Case c) {
        double[] whole = run(c, 6, folder.resolve("whole"));
        run(c, 4, folder.resolve("parts")); // the same plan, cancelled after 4
        assertThat(run(c, 6, folder.resolve("parts"))).isEqualTo(whole);
    }

    private static double[] run(Case c, int until, Path checkpoints) {
        Cancellation cancellation = Cancellation.none();
        try (Problem problem = new Problem();
                Optimiser optimiser = c.create().apply(problem.parameters())) {
            Trainable trainable = new Trainable() {
                @Override
                public double step(long step) {
                    problem.backward();
                    if (step + 1 == until) {
                        cancellation.cancel();
                    }
                    return optimiser.step(step + 1, RATE);
                }

                @Override
                public List<TensorView> state() {
                    return optimiser.state();
                }

                @Override
                public void restore(SavedState saved) {
                    optimiser.restore(saved);
                }
            };
            TrainingPlan plan = TrainingPlan.of(6, 0).saving(Checkpointing.in(checkpoints));
            TrainingLoop.run(trainable, plan, Progress.silent(), cancellation);
            return problem.values();
        }
    }

    @Test
    void arraysFollowTheSameFormula() {
        double[] weights = numbers(3, 4);
        double[] expected = weights.clone();
        double[][] moments = new double[4][2];
        ArrayAdam optimiser = new ArrayAdam(weights, ADAM);
        for (int number = 1; number <= STEPS; number++) {
            double[] gradient = numbers(10 + number, 4);
            optimiser.step(number, RATE, gradient);
            for (int i = 0; i < 4; i++) {
                expected[i] = adam(expected[i], gradient[i], 0.3, moments[i], number);
            }
            assertThat(weights).containsExactly(expected, within(1e-12));
        }
        assertThatThrownBy(() -> optimiser.step(6, RATE, new double[3])).hasMessageContaining("4 weights; got 3");
    }

    @Test
    void closingGivesTheParametersBackAndLeavesNoNativeMemory() {
        for (int i = 0; i < 20; i++) {
            long before = Pointer.totalCount();
            try (Problem problem = new Problem()) {
                long own = Pointer.totalCount();
                try (Optimiser optimiser = new AdamW(problem.parameters(), ADAM)) {
                    assertThat(problem.matrix.requires_grad()).isTrue();
                    problem.backward();
                    optimiser.step(1, RATE);
                }
                assertThat(problem.matrix.requires_grad()).isFalse();
                assertThat(problem.matrix.grad().defined()).isFalse();
                assertThat(problem.values()).isNotEqualTo(numbers(1, 9)); // and they can be read
                assertThat(Pointer.totalCount()).isLessThanOrEqualTo(own + 2); // grad() above, freed by the collector
            }
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before + 2);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (var scope = TorchScope.open()) {
            Tensor floats = Tensors.of(new float[] {1});
            Tensor doubles = Tensors.of(new double[] {1});
            Tensor longs = Tensors.of(new long[] {1});
            assertThatThrownBy(() -> new AdamW(List.of(floats, doubles), ADAM))
                    .hasMessageContaining("all float32 or all float64; got Float and Double");
            assertThatThrownBy(() -> new AdamW(List.of(longs), ADAM)).hasMessageContaining("got Long");
            assertThatThrownBy(() -> new Sgd(List.of(), SgdSettings.defaults())).hasMessageContaining("got none");
            assertThatThrownBy(() -> new AdamW(List.of(floats), ADAM, 0)).hasMessageContaining("got 0.0");
        }
        assertThatThrownBy(() -> new AdamSettings(1, 0.9, 1e-8, 0)).hasMessageContaining("beta1 must be in [0, 1); got 1.0");
        assertThatThrownBy(() -> new AdamSettings(0.9, 0.9, 0, 0)).hasMessageContaining("epsilon must be finite and above 0; got 0.0");
        assertThatThrownBy(() -> new SgdSettings(1, false, 0)).hasMessageContaining("got 1.0");
        assertThatThrownBy(() -> new SgdSettings(0, true, 0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new SgdSettings(0, false, -1)).hasMessageContaining("got -1.0");
    }
}
