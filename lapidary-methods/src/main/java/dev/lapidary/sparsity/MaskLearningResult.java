package dev.lapidary.sparsity;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What learning brought.
 *
 * @param masks the likeliest pattern of every group
 * @param steps optimiser steps, those before a resume included
 * @param seconds wall-clock seconds of this call
 * @param secondsPerStep of the steps of this call; 0 where it took none
 * @param weights number of weights whose masks were learned
 * @param flippedFromPrior share of mask entries that differ from the prior, in [0, 1]
 * @param layers what moved, weight by weight in the model's order
 * @param perplexity on the held-out text, Hugging Face protocol; empty where there was none
 * @param peakBytes the process's largest resident memory so far; 0 where the system does not say
 */
public record MaskLearningResult(
        MaskSet masks,
        long steps,
        double seconds,
        double secondsPerStep,
        long weights,
        double flippedFromPrior,
        List<LayerChange> layers,
        OptionalDouble perplexity,
        long peakBytes) {
    /** Copies the list. */
    public MaskLearningResult {
        layers = List.copyOf(layers);
    }
}
