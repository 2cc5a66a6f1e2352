package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Services;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which weights of a layer to keep from the weights and calibration inputs alone, without training.
 *
 * <p>Found by {@link java.util.ServiceLoader}: a new method is one class and one line in {@code
 * META-INF/services/dev.lapidary.sparsity.OneShotMethod}. Listing methods loads no native library. A method holds nothing between
 * layers, and the same layer gives the same choice.
 */
public interface OneShotMethod {
    /** Returns the name on the command line and in files, in kebab case. */
    String name();

    /** Returns what it keeps, a phrase. */
    String summary();

    /** Whether the choice depends on calibration inputs. */
    boolean needsInputs();

    /** Whether kept weights change, so that the mask brings new ones. */
    default boolean changesWeights() {
        return false;
    }

    /** Returns what of the settings the choice depends on beside the windows, as the mask notes it. */
    default Map<String, String> noted(OneShotSettings settings) {
        return Map.of();
    }

    /** Chooses for one layer. */
    Choice choose(OneShotLayer layer);

    /**
     * What is kept of a weight [out, in].
     *
     * @param codes pattern of every group [out · in / M], row-major
     * @param weights new weights [out, in], float32 or float64, of which only kept ones count; belongs to the scope that is open
     *     when the method is called; null where weights stay as they are
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    record Choice(byte[] codes, @Nullable Tensor weights) {
        /** Keeps weights as they are. */
        public static Choice of(byte[] codes) {
            return new Choice(codes, null);
        }
    }

    /** Returns all methods on the class path, by name. */
    static List<OneShotMethod> all() {
        return Services.all(OneShotMethod.class, OneShotMethod::name);
    }

    /**
     * Returns the method of a name such as {@code sparsegpt-update}.
     *
     * @throws InputException where there is none on the class path
     */
    static OneShotMethod of(String name) {
        return Services.named("the one-shot method", name, all(), OneShotMethod::name);
    }
}
