package dev.lapidary.sparsity;

/**
 * How far the mask of one weight moved from where it started.
 *
 * @param weight parameter name
 * @param entries number of weights
 * @param flipped share of mask entries that differ from the prior, or without one from the initial logits, in [0, 1]
 * @param groups share of groups whose pattern differs
 * @param maxProbability mean probability of the likeliest pattern at the end, in (0, 1]
 */
public record LayerChange(String weight, long entries, double flipped, double groups, double maxProbability) {}
