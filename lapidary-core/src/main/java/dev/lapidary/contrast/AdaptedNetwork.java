package dev.lapidary.contrast;

import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** Runs a trained image network, whose weights stay as they are, with adapters. */
final class AdaptedNetwork extends TorchOperations {
    private final Frozen frozen;
    private final LowRankAdapters adapters;
    private final Map<String, Tensor> parameters;

    /**
     * The weights of a trained network as tensors: kernels and biases by layer, and the projection, turned to [embedding, features].
     */
    static final class Frozen implements AutoCloseable {
        private final Map<String, Tensor> tensors = new HashMap<>();

        Frozen(NetworkShape shape, FoldedWeights weights) {
            for (ImageNetwork.Convolution layer :
                    ImageNetwork.convolutions(shape).values()) {
                String name = layer.name();
                tensors.put(
                        name,
                        Tensors.of(weights.kernel(name), layer.out(), layer.in(), layer.kernel(), layer.kernel()));
                tensors.put(name + ".bias", Tensors.of(weights.bias(name), layer.out()));
            }
            try (Tensor projection = Tensors.of(weights.projection(), shape.features(), shape.embedding())) {
                tensors.put(ImageNetwork.PROJECTION, projection.t().contiguous());
            }
        }

        Tensor get(String name) {
            return Objects.requireNonNull(tensors.get(name), name);
        }

        @Override
        public void close() {
            tensors.values().forEach(Tensor::close);
        }
    }

    /**
     * Prepares a walk.
     *
     * @param parameters adapters by name, with or without a graph
     */
    AdaptedNetwork(Frozen frozen, LowRankAdapters adapters, Map<String, Tensor> parameters, Products products) {
        super(products);
        this.frozen = frozen;
        this.adapters = adapters;
        this.parameters = parameters;
    }

    private Tensor weight(String name) {
        return adapters.adapted(name, frozen.get(name), parameters);
    }

    @Override
    public Tensor convolution(ImageNetwork.Convolution layer, Tensor input) {
        Tensor bias = typed(frozen.get(layer.name() + ".bias"));
        return convolved(layer, input, weight(layer.name()), bias);
    }

    @Override
    public Tensor projection(String name, Tensor input, int in, int out) {
        return input.matmul(weight(name).t());
    }

    /** The weights with the adapters added to them. */
    FoldedWeights merged(NetworkShape shape, FoldedWeights before) {
        Map<String, float[]> kernels = new HashMap<>();
        ImageNetwork.convolutions(shape).keySet().forEach(name -> kernels.put(name, Tensors.toFloats(weight(name))));
        float[] projection =
                Tensors.toFloats(weight(ImageNetwork.PROJECTION).t().contiguous());
        return new FoldedWeights(kernels, before.biases(), projection);
    }
}
