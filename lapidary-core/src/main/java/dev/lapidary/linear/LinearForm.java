package dev.lapidary.linear;

import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer y = x·Wᵀ in the form in which its weight W [out, in] is stored and multiplied: dense, under a mask, as low-rank
 * factors, or whatever a method of compression adds.
 *
 * <p>A form owns its tensors, float32 or float64, all of one type, and closing frees them. They are trained where they require a
 * gradient. A bias is not the form's: it is handed in with each product. Tensors that methods return belong to the open {@link
 * TorchScope}, but for those that the form says are its own. One thread at a time; others take a {@link #replica}.
 *
 * <p>A new form is a class of this interface with its {@link LinearKind}, and a line that names the latter in {@code
 * META-INF/services/dev.lapidary.linear.LinearKind}: models then read, write and run it, and the contract test covers it.
 */
public interface LinearForm extends AutoCloseable {
    /** Returns the name of the form's {@link LinearKind}. */
    String kind();

    /** Returns the number of outputs. */
    long out();

    /** Returns the number of inputs. */
    long in();

    /** Returns the form's own tensors by name, those that are or could be trained; each is a leaf of autograd. */
    SequencedMap<String, Tensor> parameters();

    /**
     * Returns x·Wᵀ, plus the bias where there is one, differentiable in x, the bias and the parameters.
     *
     * @param x [.., in], of the parameters' type
     * @param bias [out]
     * @param type in which to multiply
     * @return [.., out], of the type of x
     */
    Tensor product(Tensor x, @Nullable Tensor bias, Products type);

    /**
     * Returns W [out, in], differentiable in the parameters: the form's own tensor where that is W as it stands, which must not be
     * closed, else a new one.
     */
    Tensor materialise();

    /** Returns the products of two numbers that are added up for one row of x; bias, table lookups and activations do not count. */
    long multiplyAdds();

    /**
     * Returns the bytes of all tensors that {@link #store} gives: values at the width of the type, and codes, scales and tables at
     * their own. Names, shapes and the bias do not count.
     */
    long bytes(DType type);

    /**
     * Returns what a file keeps of the form. Its tensors live as long as the form and the open scope.
     *
     * @param type F64, F32, F16 or BF16, to which values are rounded
     */
    StoredLinear store(DType type);

    /** Returns the form over the same memory with leaves of its own, which gather gradients where these do. */
    LinearForm replica();

    /**
     * Packs W for the runtime's kernels into memory of the arena; empty where the runtime has none for this form, and W must be
     * materialised.
     */
    default Optional<WeightMatrix> pack(WeightType type, Arena arena) {
        return Optional.empty();
    }

    /** Frees the form's tensors; a second call does nothing. */
    @Override
    void close();
}
