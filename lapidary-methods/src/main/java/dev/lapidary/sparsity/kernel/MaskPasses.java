package dev.lapidary.sparsity.kernel;

import dev.lapidary.optim.AdamSettings;

/**
 * The passes of {@link MaskKernel} over a chunk of blocks; each leaves its result in the {@link MaskScratch}. Both
 * implementations perform the same operations in the same order on every value, so they give the same bits.
 */
sealed interface MaskPasses permits ScalarMaskPasses, VectorMaskPasses {
    /** Draws noise and writes the scores logitFactor·logit + noiseFactor·log(E), in units of log2. */
    void sample(MaskScratch scratch, int blocks);

    /** Writes the scores logitFactor·logit + noiseFactor·noise, with the noise in the place of the scores. */
    void score(MaskScratch scratch, int blocks);

    /** Turns scores into unnormalised probabilities 2^(score − largest), and writes 1 over their sum. */
    void exponentiate(MaskScratch scratch, int blocks);

    /** Writes the one-hot choice of the first largest probability. */
    void harden(MaskScratch scratch, int blocks);

    /** Writes the products of weights and masks. */
    void apply(MaskScratch scratch, int blocks);

    /** Writes what the gradients of the logits are made of: sums relative to that of the likeliest pattern, and their mean. */
    void differentiate(MaskScratch scratch, int blocks);

    /** Turns the relative sums into the gradients of the logits. */
    void scale(MaskScratch scratch, int blocks);

    /** Returns the sum of the gradients' squares, given relative sums; leaves either those or the gradients. */
    double squares(MaskScratch scratch, int blocks);

    /** Updates logits and moments, each rows in float32. */
    void update(MaskScratch scratch, int blocks, long logits, long first, long second, AdamConstants constants);

    /** Widens pairs of rows from bfloat16 to float32: patterns rows per block. */
    void widen(MaskScratch scratch, int blocks, long from, long to);

    /** Rounds rows to bfloat16, to nearest, ties to even. */
    void narrow(MaskScratch scratch, int blocks, long from, long to);

    /** Rounds rows to bfloat16 stochastically: up with the probability of the share that is cut off. */
    void narrowAtRandom(MaskScratch scratch, int blocks, long from, long to);

    /** {@link AdamStep} in float32. */
    record AdamConstants(float oneMinusBeta1, float oneMinusBeta2, float rate, float root, float epsilon, float keep) {
        static AdamConstants of(AdamStep step) {
            AdamSettings adam = step.settings();
            return new AdamConstants(
                    (float) (1 - adam.beta1()),
                    (float) (1 - adam.beta2()),
                    (float) (step.rate() / (1 - Math.pow(adam.beta1(), step.number()))),
                    (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), step.number()))),
                    (float) adam.epsilon(),
                    (float) (1 - step.rate() * adam.weightDecay()));
        }
    }
}
