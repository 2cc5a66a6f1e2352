package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** {@link Forward#dropout} as a layer: any shape to the same shape, no parameters. */
public record Dropout(String name, double rate) implements Layer {
    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        return forward.dropout(name, rate, x);
    }
}
