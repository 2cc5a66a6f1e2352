package dev.lapidary.linear;

import dev.lapidary.linalg.Svd;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer whose weight is the product of two thin factors, W = U·Vᵀ of rank r, multiplied as y = (x·V)·Uᵀ.
 *
 * <p>Parameters and stored tensors: {@code u} [out, r] and {@code vt} [r, in]; r·(in + out) numbers and multiply-adds a row, fewer
 * than a dense layer's where r is below in·out / (in + out). The runtime has no kernel for it.
 *
 * @see <a href="https://doi.org/10.1007/BF02288367">Eckart and Young, 1936: the truncated decomposition is the nearest of its rank</a>
 */
public final class LowRankLinear implements LinearForm {
    private static final String KIND = "low-rank";
    private static final String U = "u";
    private static final String VT = "vt";
    private static final String RANK = "rank";

    private final Tensor u; // [out, r]
    private final Tensor vt; // [r, in]

    private LowRankLinear(Tensor u, Tensor vt) {
        this.u = TorchScope.hold(u);
        this.vt = TorchScope.hold(vt);
    }

    /** Makes a layer that shares the memory, and the gradients, of factors u [out, r] and vt [r, in]. */
    public static LowRankLinear of(Tensor u, Tensor vt) {
        Matrix.require("u", u);
        Matrix.require("vt", vt);
        if (u.size(1) != vt.size(0) || Matrix.type(u) != Matrix.type(vt)) {
            throw new IllegalArgumentException("u [out, r] and vt [r, in] must have one r and one type; got r "
                    + u.size(1) + " of " + Matrix.type(u) + " and " + vt.size(0) + " of " + Matrix.type(vt));
        }
        return new LowRankLinear(u, vt);
    }

    /**
     * Returns the layer of a rank that is nearest to a weight, by its truncated singular value decomposition W ≈ P·S·Qᵀ, with U =
     * P·√S and V = Q·√S; at full rank equal but for rounding.
     *
     * @param weight float32 or float64 [out, in]
     * @param rank from 1 to min(out, in)
     */
    public static LowRankLinear nearest(Tensor weight, long rank) {
        Matrix.require("a weight", weight);
        long most = Math.min(weight.size(0), weight.size(1));
        if (rank < 1 || rank > most) {
            throw new InputException("rank must be from 1 to min(out, in) = " + most + "; got " + rank);
        }
        try (TorchScope scope = TorchScope.open();
                NoGradGuard off = new NoGradGuard()) {
            Svd nearest = Svd.of(weight.detach(), Math.toIntExact(rank));
            Tensor root = nearest.s().sqrt(); // [r]
            return of(nearest.u().mul(root), nearest.vt().mul(root.unsqueeze(1)));
        }
    }

    /** Makes and reads low-rank layers. */
    public static final class Kind implements LinearKind {
        @Override
        public String name() {
            return KIND;
        }

        /** Of the largest rank that stores at most half of the weight's numbers, as a 2:4 mask does. */
        @Override
        public LowRankLinear approximate(Tensor weight) {
            long out = weight.size(0);
            long in = weight.size(1);
            return nearest(weight, Math.max(1, out * in / (2 * (out + in))));
        }

        @Override
        public LowRankLinear read(StoredLinear stored) {
            stored.requireTensors(U, VT);
            long rank = stored.whole(RANK, 1, Math.min(stored.out(), stored.in()));
            try (TorchScope scope = TorchScope.open()) {
                return of(stored.floats(U, stored.out(), rank), stored.floats(VT, rank, stored.in()));
            }
        }
    }

    /** Returns r. */
    public long rank() {
        return u.size(1);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long out() {
        return u.size(0);
    }

    @Override
    public long in() {
        return vt.size(1);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put(U, u);
        parameters.put(VT, vt);
        return parameters;
    }

    @Override
    public Tensor product(Tensor x, @Nullable Tensor bias, Products type) {
        try (TorchScope scope = TorchScope.open()) {
            return scope.keep(type.linear(type.linear(x, vt, null), u, bias)); // [.., in] to [.., r] to [.., out]
        }
    }

    @Override
    public Tensor materialise() {
        return u.mm(vt);
    }

    @Override
    public long multiplyAdds() {
        return rank() * (in() + out());
    }

    @Override
    public long bytes(DType type) {
        return rank() * (in() + out()) * type.bytes();
    }

    @Override
    public StoredLinear store(DType type) {
        return StoredLinear.of(
                this, Map.of(RANK, Long.toString(rank())), Tensors.view(U, u, type), Tensors.view(VT, vt, type));
    }

    @Override
    public LowRankLinear replica() {
        try (TorchScope scope = TorchScope.open()) {
            return new LowRankLinear(Tensors.leaf(u), Tensors.leaf(vt));
        }
    }

    @Override
    public void close() {
        u.close();
        vt.close();
    }
}
