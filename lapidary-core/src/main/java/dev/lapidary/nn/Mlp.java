package dev.lapidary.nn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Linear layers with an activation, and dropout after it, between each two: [.., first width] to [.., last width].
 *
 * <p>Parameters: those of the {@link Linear} layers {@code 0}, {@code 1}, ...
 *
 * @param widths of input, hidden layers and output, at least two
 * @param dropout rate after every activation
 * @param start of all weights
 */
public record Mlp(String name, List<Integer> widths, Activation activation, double dropout, Initialiser start)
        implements Layer {
    /** Copies the widths. */
    public Mlp {
        widths = List.copyOf(widths);
        if (widths.size() < 2) {
            throw new IllegalArgumentException(
                    "widths of " + name + " must be at least an input and an output; got " + widths);
        }
    }

    /** Returns a net without dropout whose weights begin as PyTorch's: uniform within 1/√in. */
    public static Mlp of(String name, List<Integer> widths, Activation activation) {
        return new Mlp(name, widths, activation, 0, Initialiser.kaimingUniform(1 / Math.sqrt(3)));
    }

    /** Returns this net with dropout. */
    public Mlp withDropout(double rate) {
        return new Mlp(name, widths, activation, rate, start);
    }

    /** Returns this net with other first weights. */
    public Mlp withStart(Initialiser newStart) {
        return new Mlp(name, widths, activation, dropout, newStart);
    }

    /** Returns the linear layers. */
    public List<Linear> layers() {
        List<Linear> layers = new ArrayList<>();
        for (int i = 0; i + 1 < widths.size(); i++) {
            layers.add(
                    Linear.of(name + "." + i, widths.get(i), widths.get(i + 1)).withStart(start));
        }
        return layers;
    }

    @Override
    public List<Parameter> parameters() {
        return layers().stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        Tensor y = x;
        List<Linear> layers = layers();
        for (int i = 0; i < layers.size(); i++) {
            if (i > 0) {
                y = forward.dropout(layers.get(i).name(), dropout, activation.of(y));
            }
            y = layers.get(i).apply(forward, y);
        }
        return y;
    }
}
