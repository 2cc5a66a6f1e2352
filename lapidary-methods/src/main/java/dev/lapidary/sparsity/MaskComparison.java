package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.Perplexity;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.Protocol;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/**
 * Compares masks of one model on the same held-out text: perplexity by the Hugging Face protocol, and the share of the gap that each
 * closes between the best one-shot mask on unchanged weights and the dense model.
 *
 * <p>Every one-shot mask is calculated once. Measuring a mask leaves the model with its own weights.
 */
public final class MaskComparison {
    /** What the unpruned model is called. */
    public static final String DENSE = "dense";

    private final LanguageModel model;
    private final int[] calibration;
    private final int[] heldOut;
    private final int context;
    private final SparsityPattern pattern;
    private final OneShotSettings settings;
    private final Progress progress;
    private final Cancellation cancellation;
    private final Map<String, MaskSet> sets = new LinkedHashMap<>();
    private final SequencedMap<String, Double> perplexities = new LinkedHashMap<>();
    private List<String> dense = List.of();

    /**
     * Compares on a text.
     *
     * @param calibration tokens that one-shot methods may look at
     * @param heldOut tokens that perplexity is measured on, and nothing else
     */
    public MaskComparison(
            LanguageModel model,
            int[] calibration,
            int[] heldOut,
            SparsityPattern pattern,
            OneShotSettings settings,
            Progress progress,
            Cancellation cancellation) {
        this.model = model;
        this.calibration = calibration;
        this.heldOut = heldOut;
        context = Math.min(model.config().context(), OneShotSettings.LONGEST);
        this.pattern = pattern;
        this.settings = settings;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /** Returns the mask of a one-shot method. */
    public MaskSet oneShot(OneShotMethod method) {
        return sets.computeIfAbsent(
                method.name(),
                name -> OneShot.prune(model, calibration, method, pattern, settings, progress, cancellation));
    }

    /** Measures the model with its own weights. */
    public double measureDense() {
        model.restoreAll();
        return note(DENSE, measure());
    }

    /** Leaves these weights dense in every one-shot mask that is measured from now on, so that all keep as many weights. */
    public void keepDense(Collection<String> weights) {
        dense = List.copyOf(weights);
    }

    /** Measures a one-shot method. */
    public double measure(OneShotMethod method) {
        MaskSet masks = oneShot(method);
        return measure(method.name(), dense.isEmpty() ? masks : DenseBudget.without(model, masks, dense));
    }

    /** Measures a mask under a name. */
    public double measure(String name, MaskSet masks) {
        masks.applyTo(model);
        try {
            return note(name, measure());
        } finally {
            model.restoreAll();
        }
    }

    /** Notes a perplexity that was measured elsewhere, on the same text. */
    public double note(String name, double perplexity) {
        perplexities.put(name, perplexity);
        return perplexity;
    }

    private double measure() {
        return Perplexity.measure(model, heldOut, Protocol.HF, context, Perplexity.heldOut(progress), cancellation)
                .perplexity();
    }

    /** Returns what was measured so far, in that order. */
    public SequencedMap<String, Double> perplexities() {
        return Collections.unmodifiableSequencedMap(perplexities);
    }

    /**
     * Returns the share of the gap that a mask closes: 0 is the best one-shot mask on unchanged weights, 1 the dense model, a negative
     * share is worse than that mask. Empty until both ends are measured.
     */
    public OptionalDouble gapClosed(String name) {
        OptionalDouble best = sets.entrySet().stream()
                .filter(set -> set.getValue().updatedWeights().isEmpty())
                .map(Map.Entry::getKey)
                .filter(perplexities::containsKey)
                .mapToDouble(method -> perplexities.getOrDefault(method, Double.NaN))
                .min();
        Double dense = perplexities.get(DENSE);
        Double own = perplexities.get(name);
        if (best.isEmpty() || dense == null || own == null || best.getAsDouble() <= dense) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of((best.getAsDouble() - own) / (best.getAsDouble() - dense));
    }
}
