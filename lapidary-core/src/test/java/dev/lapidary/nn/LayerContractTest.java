package dev.lapidary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every layer. */
class LayerContractTest {
    private static final double STEP = 1e-5;

    record Case(Layer layer, Supplier<Tensor> input, long count) {
        @Override
        public String toString() {
            return layer.getClass().getSimpleName() + (layer instanceof Recurrent r ? " " + r.cell() : "");
        }
    }

    private static double[] numbers(long seed, int count) {
        return new SplittableRandom(seed).doubles(count, -1, 1).toArray();
    }

    private static Tensor input(long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return Tensors.of(numbers(7, count), shape);
    }

    private static Stream<Case> cases() {
        return Stream.of(
                new Case(Linear.of("l", 3, 2), () -> input(2, 3), 8),
                new Case(Linear.of("l", 3, 2).withoutBias(), () -> input(2, 3), 6),
                new Case(Embedding.of("e", 5, 3), () -> Tensors.of(new long[] {4, 0, 4}), 15),
                new Case(new Positions("p", 4, 3), () -> input(2, 3, 3), 12),
                new Case(new LayerNorm("n", 4), () -> input(2, 4), 8),
                new Case(new RmsNorm("n", 4), () -> input(2, 4), 4),
                new Case(Mlp.of("m", List.of(3, 4, 2), Activation.GELU).withDropout(0.5), () -> input(2, 3), 26),
                new Case(new Residual(Linear.of("l", 3, 3)), () -> input(2, 3), 12),
                new Case(
                        Sequential.of(Linear.of("a", 3, 2), Activation.TANH, Linear.of("b", 2, 1)),
                        () -> input(2, 3),
                        11),
                new Case(new Attention("a", 4, 2, true), () -> input(2, 3, 4), 4 * 20),
                new Case(TransformerBlock.of("t", 4, 2, false), () -> input(2, 3, 4), 2 * 8 + 80 + 4 * 16 * 2 + 20),
                new Case(new Recurrent("r", Recurrent.Cell.TANH, 3, 2), () -> input(2, 3, 3), 6 + 4 + 4),
                new Case(new Recurrent("r", Recurrent.Cell.GRU, 3, 2), () -> input(2, 3, 3), 3 * 14),
                new Case(new Recurrent("r", Recurrent.Cell.LSTM, 3, 2), () -> input(2, 3, 3), 4 * 14));
    }

    /** A weighted sum of the outputs, which no direction leaves unchanged. */
    private static Tensor loss(Layer layer, Forward forward, Tensor x) {
        Tensor y = layer.apply(forward, x);
        return y.mul(Tensors.of(numbers(9, (int) y.numel()), Tensors.shape(y))).sum();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfFiniteDifferences(Case c) {
        try (Parameters parameters = Parameters.draw(c.layer().parameters(), 3, DType.F64);
                var scope = TorchScope.open()) {
            Forward forward = Forward.training(parameters, 1, 2); // dropout on, always the same
            Tensor x = c.input().get();
            List<Tensor> leaves = new ArrayList<>(parameters.values());
            if (x.is_floating_point()) {
                leaves.add(x.set_requires_grad(true));
            }
            loss(c.layer(), forward, x).backward();
            for (Tensor leaf : leaves) {
                double[] gradient = Tensors.toDoubles(leaf.grad());
                for (int i = 0; i < gradient.length; i++) {
                    double difference = moved(c, forward, x, leaf, i, STEP) - moved(c, forward, x, leaf, i, -STEP);
                    assertThat(difference / (2 * STEP)).isCloseTo(gradient[i], within(1e-7));
                }
            }
        }
    }

    private static double moved(Case c, Forward forward, Tensor x, Tensor leaf, int at, double by) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            double[] values = Tensors.toDoubles(leaf);
            double[] shifted = values.clone();
            shifted[at] += by;
            leaf.copy_(Tensors.of(shifted).view_as(leaf));
            double loss = loss(c.layer(), forward, x).item_double();
            leaf.copy_(Tensors.of(values).view_as(leaf));
            return loss;
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void secondDerivativesExist(Case c) {
        try (Parameters parameters = Parameters.draw(c.layer().parameters(), 3, DType.F64);
                var scope = TorchScope.open()) {
            Tensor loss = loss(
                            c.layer(), Forward.evaluating(parameters), c.input().get())
                    .square();
            TensorVector leaves = new TensorVector(parameters.values().toArray(Tensor[]::new));
            TensorVector gradients =
                    torch.grad(new TensorVector(loss), leaves, new TensorVector(), new BoolOptional(true), true, false);
            gradients.get(0).square().sum().backward();
            double[] second = Tensors.toDoubles(parameters.values().getFirst().grad());
            assertThat(Arrays.stream(second).map(Math::abs).sum()).isPositive().isFinite();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parametersAreCountedAndNamedOnceAndTheSameSeedGivesTheSameBytes(Case c) {
        List<Parameter> described = c.layer().parameters();
        assertThat(c.layer().parameterCount()).isEqualTo(c.count());
        try (Parameters one = Parameters.draw(described, 3);
                Parameters same = Parameters.draw(described.reversed(), 3);
                Parameters other = Parameters.draw(described, 4);
                Parameters wide = Parameters.draw(described, 3, DType.F64)) {
            assertThat(one.count()).isEqualTo(c.count());
            for (Parameter parameter : described) {
                String name = parameter.name();
                float[] values = Tensors.toFloats(one.get(name));
                assertThat(Tensors.shape(one.get(name)))
                        .containsExactly(parameter.shape().stream()
                                .mapToLong(Long::longValue)
                                .toArray());
                assertThat(Tensors.toFloats(same.get(name))).isEqualTo(values);
                assertThat(Tensors.toFloats(wide.get(name))).isEqualTo(values);
                boolean constant = Arrays.equals(values, Tensors.toFloats(other.get(name)));
                assertThat(constant).isEqualTo(name.contains("norm") || name.startsWith("n."));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void savedAndRestoredParametersGiveTheSameBytes(Case c) {
        try (Parameters one = Parameters.draw(c.layer().parameters(), 3, DType.F64);
                Parameters other = Parameters.draw(c.layer().parameters(), 4, DType.F64);
                var scope = TorchScope.open()) {
            List<TensorView> together = SavedState.prefixed("net.", one.state());
            other.restore(new SavedState(together).part("net."));
            Tensor x = c.input().get();
            assertThat(Tensors.toDoubles(loss(c.layer(), Forward.evaluating(other), x)))
                    .isEqualTo(Tensors.toDoubles(loss(c.layer(), Forward.evaluating(one), x)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noNativeMemoryIsLeft(Case c) {
        Parameters.draw(c.layer().parameters(), 3).close();
        long before = Pointer.totalCount();
        for (int i = 0; i < 10; i++) {
            try (Parameters parameters = Parameters.draw(c.layer().parameters(), 3, DType.F64);
                    Parameters replica = parameters.replica();
                    var scope = TorchScope.open()) {
                loss(c.layer(), Forward.training(replica, 1, i), c.input().get())
                        .backward();
            }
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
}
