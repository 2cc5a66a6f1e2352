package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which N of every M consecutive input weights to keep. In N:M, N is the number <em>kept</em>.
 *
 * <p>The C(M, N) patterns have codes 0 to C(M, N) − 1 in lexicographic order of the kept positions, as the published code
 * orders them: for 2:4 1100, 1010, 1001, 0110, 0101, 0011 (the paper's equation swaps the fourth and the fifth).
 *
 * @param kept N, at least 1
 * @param of M, above N and at most 16
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a>
 */
public record SparsityPattern(int kept, int of) {
    /** The largest number of columns of a group. */
    public static final int MOST_COLUMNS = 16;

    /** The largest number of patterns: that of 4:8. */
    public static final int MOST_PATTERNS = 70;

    /** The pattern of the paper: two of every four. */
    public static final SparsityPattern TWO_OF_FOUR = new SparsityPattern(2, 4);

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,4}):([0-9]{1,4})");

    /** Checks that 1 ≤ {@code kept} ≤ {@code of} − 1 ≤ 15 and that there are at most 70 patterns; throws {@link InputException} otherwise. */
    public SparsityPattern {
        if (kept < 1 || kept >= of || of > MOST_COLUMNS) {
            throw new InputException("a pattern N:M must keep at least 1 and fewer than M, M at most " + MOST_COLUMNS
                    + "; got " + kept + ":" + of);
        }
        if (binomial(of, kept) > MOST_PATTERNS) {
            throw new InputException("a pattern N:M must have at most " + MOST_PATTERNS + " choices; got " + kept + ":"
                    + of + " with " + binomial(of, kept));
        }
    }

    /** Reads N:M, such as 2:4. */
    public static SparsityPattern parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new InputException("a pattern must read N:M, such as 2:4; got " + text);
        }
        return new SparsityPattern(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    /** Returns the number of patterns C(M, N). */
    public int count() {
        return binomial(of, kept);
    }

    /** Returns the kept columns of a pattern: bit k is set where column k is kept. */
    public int positions(int code) {
        if (code < 0 || code >= count()) {
            throw new IllegalArgumentException("code must lie in [0, " + count() + ") for " + this + "; got " + code);
        }
        int bits = 0;
        int rest = code;
        int missing = kept;
        for (int column = 0; missing > 0; column++) {
            int keeping = binomial(of - column - 1, missing - 1); // patterns that keep this column come first
            if (rest < keeping) {
                bits |= 1 << column;
                missing--;
            } else {
                rest -= keeping;
            }
        }
        return bits;
    }

    /** Returns the kept columns of every pattern in the order of their codes [count]. */
    public int[] positions() {
        int[] positions = new int[count()];
        Arrays.setAll(positions, this::positions);
        return positions;
    }

    /** Returns the code of a set of kept columns (bit k for column k), or −1 unless exactly N of the M are kept. */
    public int code(int positions) {
        if (positions >>> of != 0 || Integer.bitCount(positions) != kept) {
            return -1;
        }
        int code = 0;
        int missing = kept;
        for (int column = 0; missing > 0; column++) {
            if ((positions >>> column & 1) == 1) {
                missing--;
            } else {
                code += binomial(of - column - 1, missing - 1);
            }
        }
        return code;
    }

    /** Whether a pattern keeps a column. */
    public boolean keeps(int code, int column) {
        return (positions(code) >>> column & 1) == 1;
    }

    /** Returns N:M. */
    @Override
    public String toString() {
        return kept + ":" + of;
    }

    private static int binomial(int n, int k) {
        int result = 1;
        for (int i = 1; i <= k; i++) {
            result = result * (n - k + i) / i;
        }
        return result;
    }
}
