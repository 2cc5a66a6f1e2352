package dev.lapidary.linear;

import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A layer whose weight is one matrix: parameter and stored tensor {@code weight} [out, in], out·in multiply-adds a row. */
public final class DenseLinear implements LinearForm {
    private static final String KIND = "dense";
    private static final String WEIGHT = "weight";

    private final Tensor weight; // [out, in]

    private DenseLinear(Tensor weight) {
        this.weight = TorchScope.hold(weight);
    }

    /** Makes a layer that shares the memory, and the gradient, of a weight [out, in]. */
    public static DenseLinear of(Tensor weight) {
        return new DenseLinear(Matrix.require("a weight", weight));
    }

    /** Makes and reads dense layers. */
    public static final class Kind implements LinearKind {
        @Override
        public String name() {
            return KIND;
        }

        @Override
        public DenseLinear approximate(Tensor weight) {
            try (TorchScope scope = TorchScope.open()) {
                return of(weight.detach().clone());
            }
        }

        @Override
        public DenseLinear read(StoredLinear stored) {
            stored.requireTensors(WEIGHT);
            try (TorchScope scope = TorchScope.open()) {
                return of(stored.floats(WEIGHT, stored.out(), stored.in()));
            }
        }
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long out() {
        return weight.size(0);
    }

    @Override
    public long in() {
        return weight.size(1);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return new LinkedHashMap<>(Map.of(WEIGHT, weight));
    }

    @Override
    public Tensor product(Tensor x, @Nullable Tensor bias, Products type) {
        return type.linear(x, weight, bias);
    }

    /** Returns the layer's own weight. */
    @Override
    public Tensor materialise() {
        return weight;
    }

    @Override
    public long multiplyAdds() {
        return out() * in();
    }

    @Override
    public long bytes(DType type) {
        return out() * in() * type.bytes();
    }

    @Override
    public StoredLinear store(DType type) {
        return StoredLinear.of(this, Map.of(), Tensors.view(WEIGHT, weight, type));
    }

    @Override
    public DenseLinear replica() {
        try (TorchScope scope = TorchScope.open()) {
            return new DenseLinear(Tensors.leaf(weight));
        }
    }

    @Override
    public Optional<WeightMatrix> pack(WeightType type, Arena arena) {
        try (TorchScope scope = TorchScope.open()) {
            return Optional.of(DenseMatrix.pack(
                    type, Matrix.floats(weight), Math.toIntExact(out()), Math.toIntExact(in()), arena));
        }
    }

    @Override
    public void close() {
        weight.close();
    }
}
