package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Adds a learned vector for each position: [.., length, width] to the same shape, for lengths up to a longest.
 *
 * <p>Parameters: {@code weight} [longest, width], which begins normal with deviation 0.02.
 */
public record Positions(String name, int longest, int width) implements Layer {
    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.of(name + ".weight", Initialiser.normal(0.02), longest, width));
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        Linear.requireLast(name, width, x);
        long length = x.size(x.dim() - 2);
        if (length > longest) {
            throw new IllegalArgumentException(
                    "positions of " + name + " must be at most " + longest + "; got " + length);
        }
        return x.add(forward.parameter(name + ".weight").narrow(0, 0, length));
    }
}
