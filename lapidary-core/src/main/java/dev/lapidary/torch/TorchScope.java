package dev.lapidary.torch;

import java.util.Iterator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Frees, when it closes, the native memory of every PyTorch object that its thread made since it opened.
 *
 * <pre>{@code
 * Tensor weight;
 * try (var scope = TorchScope.open()) {
 *     weight = scope.keep(step(input)); // all that step() made besides is freed here
 * }
 * }</pre>
 *
 * <p>Scopes nest and close in reverse order, in the thread that opened them. Without a scope native memory waits for the
 * garbage collector, which does not see how much of it there is.
 *
 * <p>A trap that {@link #keep} covers: accessors such as {@code Tensor.grad()} and in-place operations such as
 * {@code Tensor.add_} return Java objects that own nothing and point into their origin, so they dangle once the origin is
 * freed; keeping one makes an owning handle of the same tensor. Another: {@code LongArrayRefOptional(long...)} refers to
 * memory that is gone by the time it is read; pass {@code long[]} to the overloads that take it.
 */
public final class TorchScope implements AutoCloseable {
    private final PointerScope scope;
    private boolean closed;

    private TorchScope() {
        scope = new PointerScope();
    }

    /** Opens a scope of this thread, inside those already open. */
    public static TorchScope open() {
        Torch.load();
        return new TorchScope();
    }

    /**
     * Lets an object survive this scope: the enclosing scope frees it, or, where there is none, its close method does.
     *
     * @return the object; for a tensor that owns nothing, a new handle of the same tensor
     * @throws IllegalArgumentException where the object owns nothing and is no tensor
     */
    public <T extends Pointer> T keep(T object) {
        T owner = owner(object);
        PointerScope outer = outer();
        if (outer == null) {
            owner.retainReference();
        } else {
            outer.attach(owner); // before detaching, lest the count drops to 0
        }
        scope.detach(owner);
        return owner;
    }

    @SuppressWarnings("unchecked") // a plain Tensor replaces a plain Tensor
    private static <T extends Pointer> T owner(T object) {
        if (object.referenceCount() >= 0) {
            return object;
        }
        if (object.getClass() != Tensor.class) {
            throw new IllegalArgumentException("only an object that owns native memory can be kept; got a "
                    + object.getClass().getName());
        }
        return (T) new Tensor((Tensor) object);
    }

    /**
     * Returns a new handle of a tensor that outlives every scope and the given one; its close method frees it.
     *
     * @param tensor one whose handles are plain tensors
     */
    public static Tensor hold(Tensor tensor) {
        Tensor held = new Tensor(tensor);
        held.retainReference();
        return held;
    }

    @SuppressWarnings("ReferenceEquality")
    private @Nullable PointerScope outer() {
        Iterator<PointerScope> stack = PointerScope.getScopeIterator(); // innermost first
        while (stack != null && stack.hasNext()) {
            if (stack.next() == scope) {
                return stack.hasNext() ? stack.next() : null;
            }
        }
        throw new IllegalStateException("a scope must be used open and in the thread that opened it; got another");
    }

    /** Frees what was not kept; a second call does nothing. */
    @Override
    public void close() {
        if (!closed) {
            outer(); // refuses another thread, whose pointers are not ours
            closed = true;
            scope.close();
        }
    }
}
