package dev.lapidary.sparsity;

import dev.lapidary.linear.PatternMask;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * Which weights of one linear layer are kept: a pattern code for every group of M consecutive inputs of an output's row.
 *
 * <p>The codes say which weights are kept, not the zeros of the weights: a kept weight may itself be 0.
 *
 * @param weight name of the weight parameter, as the model's file names it
 * @param rows outputs of the layer
 * @param columns inputs of the layer, a multiple of M
 * @param pattern how many of each group are kept
 * @param codes pattern codes [rows · columns / M], row after row; not copied, so they must not be changed later
 */
public record LayerMask(String weight, int rows, int columns, SparsityPattern pattern, byte[] codes) {
    /** Checks the sizes and that every code is one of the pattern's; throws {@link InputException} otherwise. */
    public LayerMask {
        PatternMask.require(weight, rows, columns, pattern, codes);
    }

    /**
     * Reads a mask [rows, columns] of zeros and ones, of any number type.
     *
     * @throws InputException where a group does not keep exactly N of M, or an entry is neither 0 nor 1
     */
    public static LayerMask of(String weight, Tensor mask, SparsityPattern pattern) {
        if (mask.dim() != 2) {
            throw new InputException("the mask of " + weight + " must be a matrix; got " + mask.dim() + " dimensions");
        }
        float[] entries = Tensors.toFloats(mask);
        boolean[] kept = new boolean[entries.length];
        for (int i = 0; i < entries.length; i++) {
            if (entries[i] != 0 && entries[i] != 1) {
                throw new InputException("the mask of " + weight + " must hold zeros and ones; got " + entries[i]);
            }
            kept[i] = entries[i] == 1;
        }
        return of(weight, Math.toIntExact(mask.size(0)), Math.toIntExact(mask.size(1)), pattern, kept);
    }

    /**
     * Reads a mask [rows · columns] of which weights are kept, row after row.
     *
     * @throws InputException where a group does not keep exactly N of M
     */
    public static LayerMask of(String weight, int rows, int columns, SparsityPattern pattern, boolean[] kept) {
        int of = pattern.of();
        if (kept.length != (long) rows * columns || columns % of != 0) {
            throw new InputException("the mask of " + weight + " [" + rows + ", " + columns + "] must have "
                    + (long) rows * columns + " entries, in-features a multiple of " + of + "; got " + kept.length);
        }
        GroupChoice choice = new GroupChoice(pattern);
        byte[] codes = new byte[kept.length / of];
        for (int group = 0; group < codes.length; group++) {
            int positions = 0;
            for (int k = 0; k < of; k++) {
                positions |= kept[group * of + k] ? 1 << k : 0;
            }
            codes[group] = choice.code(positions);
            if (codes[group] < 0) {
                long first = (long) group * of;
                throw new InputException("every group of the mask of " + weight + " must keep " + pattern + "; got "
                        + Integer.bitCount(positions) + " of " + of + " in row " + first / columns + " from column "
                        + first % columns);
            }
        }
        return new LayerMask(weight, rows, columns, pattern, codes);
    }

    /** Returns the mask without its weight's name; it shares the codes. */
    public PatternMask places() {
        return new PatternMask(rows, columns, pattern, codes);
    }

    /** Returns the mask as a float32 tensor [rows, columns] of zeros and ones, which the caller's scope frees. */
    public Tensor toTensor() {
        return places().toTensor();
    }

    /** Returns where the kept weights lie in the row-major weight [rows · columns · N / M], rising. */
    int[] keptPlaces() {
        return places().keptPlaces();
    }

    /** Whether the weight at a place is kept. */
    public boolean keeps(int row, int column) {
        long group = ((long) row * columns + column) / pattern.of();
        return pattern.keeps(codes[(int) group], column % pattern.of());
    }

    /** Returns the number of weights, kept or not. */
    public long weights() {
        return (long) rows * columns;
    }

    /** Returns the number of kept weights. */
    public long kept() {
        return (long) codes.length * pattern.kept();
    }

    /** Returns how many groups have each code [count]. */
    public long[] histogram() {
        long[] groups = new long[pattern.count()];
        for (byte code : codes) {
            groups[code]++;
        }
        return groups;
    }

    /** Whether name, sizes, pattern and every code are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof LayerMask that
                && weight.equals(that.weight)
                && rows == that.rows
                && columns == that.columns
                && pattern.equals(that.pattern)
                && Arrays.equals(codes, that.codes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(weight, rows, columns, pattern, Arrays.hashCode(codes));
    }

    /** Returns name, pattern and sizes, such as {@code q_proj.weight 2:4 [64, 64]}. */
    @Override
    public String toString() {
        return weight + " " + pattern + " [" + rows + ", " + columns + "]";
    }
}
