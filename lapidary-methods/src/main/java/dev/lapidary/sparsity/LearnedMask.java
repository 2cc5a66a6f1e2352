package dev.lapidary.sparsity;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a {@link MaskLearningRun} brought.
 *
 * @param masks the learned mask, without the weights that a budget leaves dense
 * @param learning how it was learned
 * @param perplexities of the dense model, the mask and the one-shot methods on the held-out text, as they were measured
 * @param gapClosed of each of these that has one, see {@link MaskComparison#gapClosed}
 * @param predictedPeakBytes the memory that was predicted
 * @param prior where learning started, see {@link MaskPrior#name}
 * @param budget which weights stay dense, where there was a budget
 */
public record LearnedMask(
        MaskSet masks,
        MaskLearningResult learning,
        SequencedMap<String, Double> perplexities,
        SequencedMap<String, Double> gapClosed,
        long predictedPeakBytes,
        String prior,
        Optional<DenseBudget.Choice> budget) {
    /** Copies the maps. */
    public LearnedMask {
        perplexities = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(perplexities));
        gapClosed = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(gapClosed));
    }

    /** Returns the learned mask's perplexity on the held-out text. */
    public double perplexity() {
        return perplexities.getOrDefault(MaskLearning.METHOD, Double.NaN);
    }

    /** Returns the figures by name, as {@code report.json} holds them. */
    public SequencedMap<String, Object> figures() {
        SequencedMap<String, Object> figures = new LinkedHashMap<>();
        figures.put("steps", learning.steps());
        figures.put("seconds", learning.seconds());
        figures.put("secondsPerStep", learning.secondsPerStep());
        figures.put("weights", learning.weights());
        figures.put("flippedFromPrior", learning.flippedFromPrior());
        figures.put("predictedPeakBytes", predictedPeakBytes);
        figures.put("peakBytes", learning.peakBytes());
        figures.put("perplexity", perplexity());
        figures.put("methods", perplexities);
        figures.put("gapClosed", gapClosed);
        figures.put("pattern", masks.pattern().toString());
        figures.put("density", masks.density());
        figures.put("prior", prior);
        budget.ifPresent(made -> figures.put("budget", made));
        figures.put("layers", learning.layers());
        return figures;
    }

    static SequencedMap<String, Double> gaps(MaskComparison comparison) {
        SequencedMap<String, Double> closed = new LinkedHashMap<>();
        for (Map.Entry<String, Double> entry : comparison.perplexities().entrySet()) {
            comparison.gapClosed(entry.getKey()).ifPresent(share -> closed.put(entry.getKey(), share));
        }
        return closed;
    }
}
