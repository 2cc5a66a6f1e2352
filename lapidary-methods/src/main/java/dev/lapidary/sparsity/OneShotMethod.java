package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a mask is chosen from weights and calibration inputs alone, without training. */
public enum OneShotMethod {
    /** Keeps the largest |W|; looks at no text. */
    MAGNITUDE,
    /**
     * Keeps the largest |W|·‖x‖, with the norm of the input that the weight multiplies.
     *
     * @see <a href="https://arxiv.org/abs/2306.11695">Sun et al., A simple and effective pruning approach for large language
     *     models, ICLR 2024</a>
     */
    WANDA,
    /** Keeps the largest W²/U² with U the Cholesky factor of the inverse Hessian of the layer's inputs; weights unchanged. */
    SPARSEGPT,
    /**
     * Chooses as {@link #SPARSEGPT}, column by column, and moves the kept weights so that they make up for the removed ones.
     *
     * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh, SparseGPT, ICML 2023</a>
     */
    SPARSEGPT_UPDATE;

    /** Returns the method of a name such as {@code sparsegpt-update}. */
    public static OneShotMethod parse(String name) {
        return Arrays.stream(values())
                .filter(method -> method.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new InputException("the one-shot method must be one of "
                        + Arrays.stream(values()).map(OneShotMethod::toString).collect(Collectors.joining(", "))
                        + "; got " + name));
    }

    /** Whether the choice depends on calibration inputs. */
    public boolean needsInputs() {
        return this != MAGNITUDE;
    }

    /** Returns the name on the command line and in files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
