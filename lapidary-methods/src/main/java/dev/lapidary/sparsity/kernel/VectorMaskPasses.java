package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.SparsityPattern;

/**
 * The passes in vectors, one value per lane; loaded only where {@link dev.lapidary.runtime.kernel.Simd#on()}.
 *
 * <p>Each step is a loop of one small body over the first cache, and is run through an interface with many
 * implementations: C2 stops inlining when a method has grown beyond a fixed number of nodes, and vectors then become
 * objects, so that one method of several loops is up to 20 times slower than the loops one by one. A call that has met many
 * implementations is never inlined. Loads, stores and two-vector permutations weigh most: about a dozen loads and half a
 * dozen stores fit a body.
 */
final class VectorMaskPasses implements MaskPasses {
    /** A loop over a chunk. */
    private interface Step {
        void run(MaskScratch s, int blocks);
    }

    private static final Step SPACINGS = (s, blocks) -> MaskSampleLanes.space(s.scores, blocks);
    private static final Step HALVES = (s, blocks) -> MaskSampleLanes.halves(s.scores, blocks, s.counter, s.secondKey);
    private static final Step EXPONENTIALS =
            (s, blocks) -> MaskSampleLanes.exponentials(s.scores, s.patterns, blocks, s.counter, s.secondKey);
    private static final Step LOGS = (s, blocks) ->
            MaskSampleLanes.scoreLogs(s.scores, s.logitRows, blocks * s.patterns, s.logitFactor, s.noiseFactor);
    private static final Step SCORES = (s, blocks) ->
            MaskSampleLanes.score(s.scores, s.logitRows, blocks * s.patterns, s.logitFactor, s.noiseFactor);
    private static final Step LARGEST_OF_SIX = (s, blocks) -> TwoOfFourLanes.belowLargest(s.scores, blocks);
    private static final Step LARGEST = (s, blocks) -> MaskRowLanes.belowLargest(s.scores, s.patterns, blocks);
    private static final Step POWERS = (s, blocks) -> MaskSampleLanes.powers(s.scores, blocks * s.patterns);
    private static final Step INVERSES = (s, blocks) -> MaskRowLanes.inverses(s.scores, s.patterns, blocks, s.inverse);
    private static final Step INVERSES_OF_SIX = (s, blocks) -> TwoOfFourLanes.inverses(s.scores, blocks, s.inverse);
    private static final Step HARDEN = (s, blocks) -> MaskRowLanes.harden(s.scores, s.hard, s.patterns, blocks);
    private static final Step MASKS_2_4 = (s, blocks) ->
            TwoOfFourLanes.masks(s.isHard ? s.hard : s.scores, s.isHard ? s.ones : s.inverse, blocks, s.masks);
    private static final Step MASKS =
            (s, blocks) -> MaskRowLanes.masks(s, s.isHard ? s.hard : s.scores, s.isHard ? s.ones : s.inverse, blocks);
    private static final Step APPLY_2_4 =
            (s, blocks) -> TwoOfFourLanes.products(s.masks, s.weightsAt, blocks, s.maskedAt);
    private static final Step APPLY =
            (s, blocks) -> MaskRowLanes.apply(s.masks, s.columns, blocks, s.weightsAt, s.maskedAt);
    private static final Step SIDES =
            (s, blocks) -> MaskRowLanes.sides(s.weightsAt, s.upstreamAt, s.columns, blocks, s.sides);
    private static final Step ROWS = (s, blocks) -> MaskRowLanes.rows(s.weightsAt, s.columns, blocks, s.rows);
    private static final Step REWARD =
            (s, blocks) -> MaskRowLanes.reward(s.masks, s.rows, blocks * s.columns, s.reward, s.sides);
    private static final Step SIDES_2_4 =
            (s, blocks) -> TwoOfFourLanes.products(s.weightsAt, s.upstreamAt, blocks, s.sides);
    private static final Step REWARDED_SIDES_2_4 =
            (s, blocks) -> TwoOfFourLanes.rewarded(s.masks, s.weightsAt, s.upstreamAt, blocks, s.reward, s.sides);
    private static final Step SUMS_2_4 = (s, blocks) -> TwoOfFourLanes.sums(s.sides, blocks, s.gradients);
    private static final Step SUMS = MaskRowLanes::sums;
    private static final Step CENTRE_OF_SIX =
            (s, blocks) -> TwoOfFourLanes.centre(s.scores, s.gradients, blocks, s.inverse, s.means);
    private static final Step LIKELIEST =
            (s, blocks) -> MaskRowLanes.likeliest(s.scores, s.gradients, s.patterns, blocks, s.means);
    private static final Step CENTRE =
            (s, blocks) -> MaskRowLanes.centre(s.scores, s.gradients, s.patterns, blocks, s.means, s.inverse);
    private static final Step SCALE =
            (s, blocks) -> MaskRowLanes.scale(s.scores, s.inverse, s.means, s.patterns, blocks, s.factor, s.gradients);

    private static final Step SCALE_OF_SIX =
            (s, blocks) -> TwoOfFourLanes.scale(s.scores, s.inverse, s.means, blocks, s.factor, s.gradients);

    private static final Step[] MASKED_2_4 = {MASKS_2_4, APPLY_2_4};
    private static final Step[] MASKED = {MASKS, APPLY};
    private static final Step[] SAMPLE_2_4 = {HALVES, SPACINGS, LOGS};
    private static final Step[] SAMPLE = {EXPONENTIALS, LOGS};
    private static final Step[] SCORE = {SCORES};
    private static final Step[] SIX = {LARGEST_OF_SIX, POWERS, INVERSES_OF_SIX};
    private static final Step[] ANY = {LARGEST, POWERS, INVERSES};
    private static final Step[] HARD = {HARDEN};
    private static final Step[] GRADIENTS_2_4 = {SIDES_2_4, SUMS_2_4, CENTRE_OF_SIX};
    private static final Step[] GRADIENTS = {SIDES, SUMS, LIKELIEST, CENTRE};
    private static final Step[] REWARDED_2_4 = {MASKS_2_4, REWARDED_SIDES_2_4, SUMS_2_4, CENTRE_OF_SIX};
    private static final Step[] SCALED_SIX = {SCALE_OF_SIX};
    private static final Step[] SCALED = {SCALE};
    private static final Step[] REWARDED = {SIDES, MASKS, ROWS, REWARD, SUMS, LIKELIEST, CENTRE};

    private final boolean twoOfFour;
    private final boolean six;

    VectorMaskPasses(SparsityPattern pattern) {
        twoOfFour = pattern.equals(SparsityPattern.TWO_OF_FOUR);
        six = pattern.count() == TwoOfFourLanes.PATTERNS;
    }

    private static void run(Step[] steps, MaskScratch s, int blocks) {
        for (Step step : steps) {
            step.run(s, blocks);
        }
    }

    @Override
    public void sample(MaskScratch s, int blocks) {
        run(twoOfFour ? SAMPLE_2_4 : SAMPLE, s, blocks);
    }

    @Override
    public void score(MaskScratch s, int blocks) {
        run(SCORE, s, blocks);
    }

    @Override
    public void exponentiate(MaskScratch s, int blocks) {
        run(six ? SIX : ANY, s, blocks);
    }

    @Override
    public void harden(MaskScratch s, int blocks) {
        run(HARD, s, blocks);
    }

    @Override
    public void apply(MaskScratch s, int blocks) {
        run(twoOfFour ? MASKED_2_4 : MASKED, s, blocks);
    }

    @Override
    public void differentiate(MaskScratch s, int blocks) {
        if (s.reward != 0) {
            run(twoOfFour ? REWARDED_2_4 : REWARDED, s, blocks);
        } else {
            run(twoOfFour ? GRADIENTS_2_4 : GRADIENTS, s, blocks);
        }
    }

    @Override
    public void scale(MaskScratch s, int blocks) {
        run(six ? SCALED_SIX : SCALED, s, blocks);
    }

    @Override
    public double squares(MaskScratch s, int blocks) {
        if (six) {
            return TwoOfFourLanes.squares(s.scores, s.inverse, s.means, blocks, s.factor, s.gradients, s.sums);
        }
        scale(s, blocks);
        return MaskRowLanes.squares(s.gradients, blocks * s.patterns, s.sums);
    }

    @Override
    public void update(MaskScratch s, int blocks, long logits, long first, long second, AdamConstants constants) {
        MaskRowLanes.update(s.gradients, blocks * s.patterns, logits, first, second, constants);
    }

    @Override
    public void widen(MaskScratch s, int blocks, long from, long to) {
        MaskHalfLanes.widen(s.patterns, blocks, from, to);
    }

    @Override
    public void narrow(MaskScratch s, int blocks, long from, long to) {
        MaskHalfLanes.narrow(s.patterns, blocks, from, to);
    }

    @Override
    public void narrowAtRandom(MaskScratch s, int blocks, long from, long to) {
        MaskHalfLanes.narrow(s.patterns, blocks, from, to, s.counter, s.secondKey);
    }
}
