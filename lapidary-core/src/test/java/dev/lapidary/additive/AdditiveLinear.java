package dev.lapidary.additive;

import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.LinearKind;
import dev.lapidary.linear.StoredLinear;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The smallest form of a linear layer, as somebody elsewhere would add it: W[o, i] = rows[o] + columns[i], so that y = rows·Σx +
 * columns·x, with in + out numbers and multiply-adds.
 */
public final class AdditiveLinear implements LinearForm {
    private static final String ROWS = "rows";
    private static final String COLUMNS = "columns";

    private final Tensor rows; // [out, 1]
    private final Tensor columns; // [1, in]

    private AdditiveLinear(Tensor rows, Tensor columns) {
        this.rows = TorchScope.hold(rows);
        this.columns = TorchScope.hold(columns);
    }

    /** The kind. */
    public static final class Kind implements LinearKind {
        @Override
        public String name() {
            return "additive";
        }

        /** The nearest: row means, and what columns have on the average beside them. */
        @Override
        public AdditiveLinear approximate(Tensor weight) {
            try (TorchScope scope = TorchScope.open()) {
                Tensor rows = weight.detach().mean(new long[] {1}, true, null);
                return new AdditiveLinear(rows, weight.detach().sub(rows).mean(new long[] {0}, true, null));
            }
        }

        @Override
        public AdditiveLinear read(StoredLinear stored) {
            stored.requireTensors(ROWS, COLUMNS);
            try (TorchScope scope = TorchScope.open()) {
                return new AdditiveLinear(stored.floats(ROWS, stored.out(), 1), stored.floats(COLUMNS, 1, stored.in()));
            }
        }
    }

    @Override
    public String kind() {
        return "additive";
    }

    @Override
    public long out() {
        return rows.size(0);
    }

    @Override
    public long in() {
        return columns.size(1);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put(ROWS, rows);
        parameters.put(COLUMNS, columns);
        return parameters;
    }

    @Override
    public Tensor product(Tensor x, @Nullable Tensor bias, Products type) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor sums = x.sum(new long[] {-1}, true, null); // [.., 1]
            Tensor y = type.linear(sums, rows, bias); // [.., out]
            return scope.keep(y.add(type.linear(x, columns, null)));
        }
    }

    @Override
    public Tensor materialise() {
        return rows.add(columns);
    }

    @Override
    public long multiplyAdds() {
        return out() + in();
    }

    @Override
    public long bytes(DType type) {
        return (out() + in()) * type.bytes();
    }

    @Override
    public StoredLinear store(DType type) {
        return StoredLinear.of(this, Map.of(), Tensors.view(ROWS, rows, type), Tensors.view(COLUMNS, columns, type));
    }

    @Override
    public AdditiveLinear replica() {
        try (TorchScope scope = TorchScope.open()) {
            return new AdditiveLinear(Tensors.leaf(rows), Tensors.leaf(columns));
        }
    }

    @Override
    public void close() {
        rows.close();
        columns.close();
    }
}
