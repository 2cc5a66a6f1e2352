package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How one-shot methods look at the calibration text.
 *
 * @param sequences most windows drawn from the text, at least 1; 128 in the published code
 * @param length tokens per window, at most the model's context; 0 stands for the context, at most {@value #LONGEST}
 * @param damp share of the mean of the Hessian's diagonal that is added to it (SparseGPT), above 0; 0.01 in the published code
 * @param flow which activations the layers see
 * @param seed of the draw of windows
 * @param statistics where statistics of the dense flow are kept; empty: {@code calibration} in the cache folder
 */
public record OneShotSettings(
        @Setting(
                option = "samples",
                help = "Most calibration windows, each of the model's context but at most " + OneShotSettings.LONGEST
                        + " tokens.")
        int sequences,

        int length,

        @Setting(help = "SparseGPT: share of the mean of the Hessian's diagonal added to it.")
        double damp,

        @Setting(
                label = "ID",
                help = "sequential: layers see the activations of the model pruned so far; dense: those of the dense model, "
                        + "collected once and cached for all methods.")
        Flow flow,

        @Setting(help = "Draws the calibration windows.")
        long seed,

        @SameResult("statistics that were kept are those that would be calculated")
        Optional<Path> statistics)
        implements Settings {
    /** Tokens of a window where the model's context is longer and nothing else is said. */
    static final int LONGEST = 2048;

    /** Which activations the layers see. */
    public enum Flow {
        /** Those of the model pruned so far, block after block, as in the published code. */
        SEQUENTIAL,
        /** Those of the dense model, so that one pass, kept on disk, serves every method and pattern. */
        DENSE;

        /** Returns the name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Checks the ranges. */
    public OneShotSettings {
        Bounds.atLeast("sequences", sequences, 1);
        Bounds.require(length == 0 || length >= 2, "length", "at least 2 tokens, or 0 for the context", length);
        Bounds.require(damp > 0 && Double.isFinite(damp), "damp", "above 0", damp);
    }

    /** With statistics in the cache folder. */
    public OneShotSettings(int sequences, int length, double damp, Flow flow, long seed) {
        this(sequences, length, damp, flow, seed, Optional.empty());
    }

    /** Returns the published settings: 128 windows of the model's context, damp 0.01, pruned activations flow forward. */
    public static OneShotSettings defaults() {
        return new OneShotSettings(128, 0, 0.01, Flow.SEQUENTIAL, 0);
    }

    /** Returns the folder for statistics of the dense flow. */
    Path statisticsFolder() {
        return statistics.orElseGet(() -> CacheFolder.sub("calibration"));
    }

    /** Returns the length of a window for a model of this context. */
    int lengthFor(int context) {
        if (length > context) {
            throw new InputException(
                    "calibration windows must fit the model's context " + context + "; got " + length + " tokens");
        }
        return length == 0 ? Math.min(context, LONGEST) : length;
    }
}
