package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A differentiable map from a tensor to a tensor, without memory of its own: its parameters, each under a name that begins with the
 * layer's, are handed in with every forward pass.
 *
 * <p>So one layer serves several sets of parameters (replicas on threads, an average of weights, a mask over them), and a net is a value
 * that says its size before anything is allocated:
 *
 * <pre>{@code
 * Layer net = Mlp.of("net", List.of(8, 32, 1), Activation.RELU);
 * try (Parameters parameters = Parameters.draw(net.parameters(), seed);
 *         AdamW adam = new AdamW(parameters.values(), AdamSettings.defaults())) {
 *     for (long step = 0; step < steps; step++) {
 *         try (var scope = TorchScope.open()) {
 *             net.apply(Forward.training(parameters, seed, step), x).sub(y).square().mean().backward();
 *             adam.step(step + 1, 1e-3);
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Tensors that {@link #apply} returns belong to the open scope.
 */
public interface Layer {
    /** Returns the parameters that the layer reads, in its order. */
    List<Parameter> parameters();

    /** Returns the layer's output on x. */
    Tensor apply(Forward forward, Tensor x);

    /** Returns how many numbers the parameters have together. */
    default long parameterCount() {
        return parameters().stream().mapToLong(Parameter::count).sum();
    }
}
