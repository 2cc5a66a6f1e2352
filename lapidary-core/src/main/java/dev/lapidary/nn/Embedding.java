package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A vector for each whole number: [..] int64 in [0, entries) to [.., width].
 *
 * <p>Parameters: {@code weight} [entries, width].
 */
public record Embedding(String name, int entries, int width, Initialiser start) implements Layer {
    /** Returns an embedding that begins as PyTorch's: standard normal. */
    public static Embedding of(String name, int entries, int width) {
        return new Embedding(name, entries, width, Initialiser.normal(1));
    }

    /** Returns this embedding with other first vectors. */
    public Embedding withStart(Initialiser newStart) {
        return new Embedding(name, entries, width, newStart);
    }

    /** Returns the name of the vectors [entries, width]. */
    public String weight() {
        return name + ".weight";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.of(weight(), start, entries, width));
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        return torch.embedding(forward.parameter(weight()), x);
    }
}
