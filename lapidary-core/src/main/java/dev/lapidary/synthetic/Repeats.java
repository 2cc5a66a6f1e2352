package dev.lapidary.synthetic;

/**
 * Draws sequences whose second half repeats the first, of evenly likely tokens.
 *
 * <p><b>Why this is a fair stand-in:</b> nothing but looking back at the earlier copy predicts the second half, so that a loss of ln
 * {@code vocabulary} in the first half and of 0 in the second shows induction, and nothing else does.
 *
 * <p><b>What it cannot show:</b> how much induction helps in a text where other cues predict the same tokens.
 *
 * @param vocabulary number of tokens, at least 2
 * @param half tokens before the repetition, at least 1
 */
public record Repeats(int vocabulary, int half) {
    /** Checks the values. */
    public Repeats {
        Draw.atLeast("vocabulary", vocabulary, 2);
        Draw.atLeast("tokens before the repetition", half, 1);
    }

    /** Draws sequences [count, 2 · half]. */
    public int[][] draw(int count, long seed) {
        Draw draw = new Draw(seed, "repeats");
        int[][] sequences = new int[count][2 * half];
        for (int i = 0; i < count; i++) {
            for (int t = 0; t < half; t++) {
                sequences[i][t] = draw.below(vocabulary, i, t);
                sequences[i][half + t] = sequences[i][t];
            }
        }
        return sequences;
    }
}
