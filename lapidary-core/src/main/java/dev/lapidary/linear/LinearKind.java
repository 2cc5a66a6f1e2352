package dev.lapidary.linear;

import dev.lapidary.runtime.InputException;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.bytedeco.pytorch.Tensor;

/** Makes and reads the {@link LinearForm forms} of one kind. Found by {@link ServiceLoader}: listing kinds loads no native library. */
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
        List<LinearKind> kinds = ServiceLoader.load(LinearKind.class, LinearKind.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(LinearKind::name))
                .toList();
        for (int i = 1; i < kinds.size(); i++) {
            if (kinds.get(i).name().equals(kinds.get(i - 1).name())) {
                throw new IllegalStateException("kinds of linear layers must have distinct names; got two "
                        + kinds.get(i).name());
            }
        }
        return kinds;
    }

    /**
     * Returns the kind of a name.
     *
     * @throws InputException where there is none on the class path
     */
    static LinearKind of(String name) {
        List<LinearKind> all = all();
        return all.stream()
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InputException("the kind of a linear layer must be one of "
                        + String.join(", ", all.stream().map(LinearKind::name).toList()) + "; got " + name));
    }
}
