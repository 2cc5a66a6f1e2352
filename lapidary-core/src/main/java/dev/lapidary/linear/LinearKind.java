package dev.lapidary.linear;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Services;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Makes and reads the {@link LinearForm forms} of one kind. Found by {@link java.util.ServiceLoader}: listing kinds loads no native library. */
public interface LinearKind {
    /** Returns the kind's name in files, in kebab case. */
    String name();

    /**
     * Returns a form near a dense weight, by the kind's defaults and from the weight alone: where a training may start, and what a
     * method that looks at data must beat.
     *
     * @param weight float32 or float64 [out, in], which is copied
     * @throws InputException where the kind has no form of that shape
     */
    LinearForm approximate(Tensor weight);

    /**
     * Copies a form from what {@link LinearForm#store} gave: values stored as F64 become float64, all others float32.
     *
     * @throws InputException where settings or tensors are not those of a form of this kind
     */
    LinearForm read(StoredLinear stored);

    /** Returns all kinds on the class path, by name. */
    static List<LinearKind> all() {
        return Services.all(LinearKind.class, LinearKind::name);
    }

    /**
     * Returns the kind of a name.
     *
     * @throws InputException where there is none on the class path
     */
    static LinearKind of(String name) {
        return Services.named("the kind of a linear layer", name, all(), LinearKind::name);
    }
}
