package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** Compares autograd with central differences, in float64. */
final class FiniteDifferences {
    private static final double STEP = 1e-6;

    private FiniteDifferences() {}

    /** Checks a scalar function's gradient at a point, to 1e-7. */
    static void check(double[] at, UnaryOperator<Tensor> function, long... shape) {
        try (var scope = TorchScope.open()) {
            Tensor x = Tensors.of(at, shape).set_requires_grad(true);
            function.apply(x).backward();
            double[] expected = new double[at.length];
            for (int i = 0; i < at.length; i++) {
                double[] shifted = at.clone();
                shifted[i] = at[i] + STEP;
                double above = function.apply(Tensors.of(shifted, shape)).item_double();
                shifted[i] = at[i] - STEP;
                double below = function.apply(Tensors.of(shifted, shape)).item_double();
                expected[i] = (above - below) / (2 * STEP);
            }
            assertThat(Tensors.toDoubles(x.grad())).containsExactly(expected, within(1e-7));
        }
    }
}
