package dev.lapidary.sparsity.kernel;

/**
 * How far the mask of one weight has converged.
 *
 * @param groups number of groups
 * @param meanMaxProbability mean over groups of the largest probability of softmax(κ·logits / τ), without noise
 * @param logitMean mean of all logits
 * @param logitStd unbiased standard deviation of all logits
 * @param flips groups whose likeliest pattern differs from the given codes; 0 where none were given
 */
public record MaskFigures(long groups, double meanMaxProbability, double logitMean, double logitStd, long flips) {
    /** Returns the share of groups whose pattern differs from the given codes. */
    public double flipped() {
        return (double) flips / groups;
    }
}
