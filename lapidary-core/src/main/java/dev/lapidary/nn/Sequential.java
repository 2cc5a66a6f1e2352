package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Layers one after the other. */
public record Sequential(List<Layer> layers) implements Layer {
    /** Copies the list. */
    public Sequential {
        layers = List.copyOf(layers);
    }

    /** Puts layers one after the other. */
    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        Tensor y = x;
        for (Layer layer : layers) {
            y = layer.apply(forward, y);
        }
        return y;
    }
}
