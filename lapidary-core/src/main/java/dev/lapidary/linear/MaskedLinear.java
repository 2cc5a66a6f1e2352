package dev.lapidary.linear;

import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer whose weight keeps N of every M consecutive inputs: values and, for each group, the code of its pattern.
 *
 * <p>In memory it is dense: parameter {@code weight} [out, in], 0 where not kept. Where that is trained, what is not kept gets no
 * gradient and counts as 0 whatever stands there. Stored are {@code values} [out · in · N / M], the kept weights row after row, and
 * {@code codes} U8 as {@link PatternCodes} packs them (2:4: 0.667 bit a weight); multiply-adds a row are those of kept weights. The
 * runtime has a kernel for 2:4.
 */
public final class MaskedLinear implements LinearForm {
    private static final String KIND = "masked";
    private static final String WEIGHT = "weight";
    private static final String VALUES = "values";
    private static final String CODES = "codes";
    private static final String PATTERN = "pattern";

    private final PatternMask mask;
    private final Tensor weight; // [out, in]
    private @Nullable Tensor dropped; // truths [out, in], made where the weight is trained

    private MaskedLinear(PatternMask mask, Tensor masked) {
        this.mask = mask;
        this.weight = TorchScope.hold(masked);
    }

    /** Copies a weight [out, in] to a layer that keeps what the mask keeps. */
    public static MaskedLinear of(Tensor weight, PatternMask mask) {
        Matrix.require("a weight", weight);
        if (weight.size(0) != mask.rows() || weight.size(1) != mask.columns()) {
            throw new IllegalArgumentException("a mask must have the weight's shape "
                    + Arrays.toString(Tensors.shape(weight)) + "; got [" + mask.rows() + ", " + mask.columns() + "]");
        }
        try (TorchScope scope = TorchScope.open()) {
            return new MaskedLinear(mask, mask.masked(weight.detach()));
        }
    }

    /** Makes and reads masked layers. */
    public static final class Kind implements LinearKind {
        @Override
        public String name() {
            return KIND;
        }

        /** The two weights of largest magnitude of every four. */
        @Override
        public MaskedLinear approximate(Tensor weight) {
            return of(weight, PatternMask.largest(Matrix.require("a weight", weight), SparsityPattern.TWO_OF_FOUR));
        }

        @Override
        public MaskedLinear read(StoredLinear stored) {
            stored.requireTensors(CODES, VALUES);
            SparsityPattern pattern = SparsityPattern.parse(stored.setting(PATTERN));
            PatternMask mask = mask(stored, pattern);
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard off = new NoGradGuard()) {
                Tensor values = stored.floats(VALUES, mask.kept());
                Tensor zeros = values.new_zeros(stored.out() * stored.in());
                Tensor weight = zeros.index_copy(0, places(mask), values).view(stored.out(), stored.in());
                return new MaskedLinear(mask, weight);
            }
        }

        private static PatternMask mask(StoredLinear stored, SparsityPattern pattern) {
            int rows = Math.toIntExact(stored.out());
            int columns = Math.toIntExact(stored.in());
            long groups = (long) rows * columns / pattern.of();
            byte[] packed = stored.bytes(CODES, PatternCodes.packedBytes(groups, pattern));
            return new PatternMask(rows, columns, pattern, PatternCodes.unpack(packed, groups, pattern));
        }
    }

    /** Returns which weights are kept. */
    public PatternMask mask() {
        return mask;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public long out() {
        return mask.rows();
    }

    @Override
    public long in() {
        return mask.columns();
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return new LinkedHashMap<>(Map.of(WEIGHT, weight));
    }

    @Override
    public Tensor product(Tensor x, @Nullable Tensor bias, Products type) {
        return type.linear(x, materialise(), bias);
    }

    /** Returns the layer's own weight where that is not trained. */
    @Override
    public Tensor materialise() {
        return weight.requires_grad() ? PatternMask.masked(weight, dropped()) : weight;
    }

    private Tensor dropped() {
        if (dropped == null) {
            try (TorchScope scope = TorchScope.open()) {
                dropped = TorchScope.hold(mask.toTensor().eq(new Scalar(0f)));
            }
        }
        return dropped;
    }

    @Override
    public long multiplyAdds() {
        return mask.kept();
    }

    @Override
    public long bytes(DType type) {
        return mask.kept() * type.bytes() + PatternCodes.packedBytes(mask.codes().length, mask.pattern());
    }

    @Override
    public StoredLinear store(DType type) {
        byte[] codes = PatternCodes.pack(mask.codes(), mask.pattern());
        Tensor values = weight.detach().view(-1).index_select(0, places(mask));
        return StoredLinear.of(
                this,
                Map.of(PATTERN, mask.pattern().toString()),
                TensorView.of(CODES, codes, codes.length),
                Tensors.view(VALUES, values, type));
    }

    private static Tensor places(PatternMask mask) {
        return Tensors.of(Arrays.stream(mask.keptPlaces()).asLongStream().toArray());
    }

    @Override
    public MaskedLinear replica() {
        try (TorchScope scope = TorchScope.open()) {
            return new MaskedLinear(mask, Tensors.leaf(weight));
        }
    }

    @Override
    public Optional<WeightMatrix> pack(WeightType type, Arena arena) {
        if (!mask.pattern().equals(SparsityPattern.TWO_OF_FOUR)) {
            return Optional.empty();
        }
        try (TorchScope scope = TorchScope.open()) {
            return Optional.of(
                    SparseMatrix.pack(type, Matrix.floats(weight), mask.codes(), mask.rows(), mask.columns(), arena));
        }
    }

    @Override
    public void close() {
        weight.close();
        if (dropped != null) {
            dropped.close();
        }
    }
}
