package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums of products of inputs. */
class InputGramTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 127, 129, 300, 700})
    void equalsThePlainProductInEveryWidth(int width) {
        try (TorchScope scope = TorchScope.open();
                Torch.Lease oneThread = Torch.oneThreadPerProduct();
                InputGram gram = new InputGram(width)) {
            Tensor inputs = random(3, 5, width);
            gram.add(inputs);
            gram.add(inputs.narrow(0, 1, 1));
            assertThat(gram.sequences()).isEqualTo(4);
            Tensor all = inputs.reshape(-1, width);
            Tensor one = inputs.narrow(0, 1, 1).reshape(-1, width);
            double[] expected = Tensors.toDoubles(all.t().mm(all).add(one.t().mm(one)));
            assertThat(furthest(Tensors.toDoubles(gram.sum()), expected)).isLessThan(1e-11);
            double[] hessian = Tensors.toDoubles(gram.hessian());
            assertThat(hessian[width * width - 1]).isCloseTo(expected[width * width - 1] / 2, within(1e-11));
            assertThat(gram.squares()[0]).isCloseTo(expected[0] / 4, within(1e-11));
        }
    }

    @Test
    void addsManyFloat32BatchesInFloat64() {
        try (TorchScope scope = TorchScope.open();
                InputGram gram = new InputGram(2)) {
            Tensor one = Tensors.of(new float[] {1000, 1}, 1, 1, 2);
            Tensor small = Tensors.of(new float[] {0.1f, 1}, 1, 1, 2);
            gram.add(one);
            for (int i = 0; i < 1000; i++) {
                gram.add(small); // 0.01 would vanish beside 1e6 in float32
            }
            assertThat(Tensors.toDoubles(gram.sum())[0]).isCloseTo(1e6 + 10, within(1e-5));
        }
    }

    @Test
    void refusesOtherShapesAndNothing() {
        try (TorchScope scope = TorchScope.open();
                InputGram gram = new InputGram(4)) {
            assertThatThrownBy(() -> gram.add(random(1, 2, 5)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("inputs must be [sequences, tokens, 4]; got [1, 2, 5]");
            assertThatThrownBy(gram::squares)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("got none");
        }
    }

    /** The largest difference of two arrays; NaN where one has it. A matcher of AssertJ takes seconds for half a million. */
    private static double furthest(double[] got, double[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        return IntStream.range(0, got.length)
                .mapToDouble(i -> Math.abs(got[i] - expected[i]))
                .reduce(0, Math::max);
    }

    private static Tensor random(int sequences, int tokens, int width) {
        double[] values = new SplittableRandom(width)
                .doubles((long) sequences * tokens * width, -1, 1)
                .toArray();
        return Tensors.of(values, sequences, tokens, width).to(ScalarType.Double);
    }
}
