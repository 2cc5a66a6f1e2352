package dev.lapidary.sparsity.kernel;

import static dev.lapidary.sparsity.kernel.MaskScratch.ROW;

import dev.lapidary.runtime.kernel.RawMemory;
import org.jspecify.annotations.Nullable;

/** Sums up how far a mask has converged. */
final class MaskConvergence {
    private MaskConvergence() {}

    static MaskFigures of(MaskKernel kernel, MaskState state, Sample sample, byte @Nullable [] codes) {
        long groups = state.groups();
        double values = (double) groups * state.pattern().count();
        double chances = kernel.inChunks(state, (s, chunk) -> {
            kernel.probabilities(s, chunk, sample);
            double sum = 0;
            for (int group = 0; group < chunk.groups; group++) {
                sum += RawMemory.get(s.inverse + row(group, 1)); // the largest is 2^0
            }
            return sum;
        });
        double mean =
                kernel.inChunks(state, (s, chunk) -> power(s, chunk.groups, kernel.logits(s, chunk), 0, 1)) / values;
        double squares = kernel.inChunks(state, (s, chunk) -> power(s, chunk.groups, kernel.logits(s, chunk), mean, 2));
        double flips = codes == null
                ? 0
                : kernel.inChunks(state, (s, chunk) -> {
                    long logits = kernel.logits(s, chunk);
                    int different = 0;
                    for (int group = 0; group < chunk.groups; group++) {
                        int code = first(s, logits, group);
                        different += code == codes[Math.toIntExact(chunk.firstGroup + group)] ? 0 : 1;
                    }
                    return different;
                });
        double std = values > 1 ? Math.sqrt(squares / (values - 1)) : 0;
        return new MaskFigures(groups, chances / groups, mean, std, (long) flips);
    }

    /** Returns the sum of (logit − centre)^exponent over real groups. */
    private static double power(MaskScratch s, int groups, long logits, double centre, int exponent) {
        double sum = 0;
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < s.patterns; i++) {
                double off = RawMemory.get(logits + row(group, s.patterns) + (long) i * ROW) - centre;
                sum += exponent == 1 ? off : off * off;
            }
        }
        return sum;
    }

    /** Returns the code of the first largest logit of a group. */
    static int first(MaskScratch s, long logits, int group) {
        long at = logits + row(group, s.patterns);
        int best = 0;
        float largest = RawMemory.get(at);
        for (int i = 1; i < s.patterns; i++) {
            float value = RawMemory.get(at + (long) i * ROW);
            if (value > largest) {
                largest = value;
                best = i;
            }
        }
        return best;
    }

    private static long row(int group, int rows) {
        return (long) (group / MaskState.BLOCK) * rows * ROW + 4L * MaskScratch.position(group % MaskState.BLOCK);
    }
}
