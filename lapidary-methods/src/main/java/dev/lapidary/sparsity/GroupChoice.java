package dev.lapidary.sparsity;

import dev.lapidary.runtime.kernel.SparsityPattern;

/** Chooses which weights of a group to keep by their scores. */
final class GroupChoice {
    private final SparsityPattern pattern;
    private final byte[] codes; // by positions, bit k for weight k; -1 unless N are kept

    GroupChoice(SparsityPattern pattern) {
        this.pattern = pattern;
        codes = new byte[1 << pattern.of()];
        for (int positions = 0; positions < codes.length; positions++) {
            codes[positions] = (byte) pattern.code(positions);
        }
    }

    SparsityPattern pattern() {
        return pattern;
    }

    /** Returns the code of positions, −1 unless they keep exactly N of the M. */
    byte code(int positions) {
        return codes[positions];
    }

    /**
     * Returns the positions (bit k: weight k) of the N largest of M scores from an offset on; of equal ones the first.
     *
     * @param scores NaN counts as the least
     */
    int largest(double[] scores, int from) {
        int positions = 0;
        for (int n = 0; n < pattern.kept(); n++) {
            int best = -1;
            for (int k = 0; k < pattern.of(); k++) {
                boolean free = (positions & 1 << k) == 0;
                if (free && (best < 0 || scores[from + k] > scores[from + best])) {
                    best = k;
                }
            }
            positions |= 1 << best;
        }
        return positions;
    }
}
