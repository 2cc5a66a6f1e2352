package dev.lapidary.linear;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Which weights [rows, columns] are kept: a pattern code for every group of M consecutive columns of a row.
 *
 * <p>The codes say which weights are kept, not the zeros of the weights: a kept weight may itself be 0.
 */
public final class PatternMask {
    private final int rows;
    private final int columns;
    private final SparsityPattern pattern;
    private final byte[] codes;

    /**
     * Checks sizes and codes.
     *
     * @param columns a multiple of M
     * @param codes pattern codes [rows · columns / M], row after row; not copied, so they must not be changed later
     */
    public PatternMask(int rows, int columns, SparsityPattern pattern, byte[] codes) {
        require("the weight", rows, columns, pattern, codes);
        this.rows = rows;
        this.columns = columns;
        this.pattern = pattern;
        this.codes = codes;
    }

    /**
     * Refuses sizes that do not fall into groups, and codes that are not one of the pattern's for each group.
     *
     * @param what the weight, as messages name it
     */
    public static void require(String what, int rows, int columns, SparsityPattern pattern, byte[] codes) {
        requireGroups(what, rows, columns, pattern);
        if (codes.length != (long) rows * columns / pattern.of()) {
            throw new InputException(what + " [" + rows + ", " + columns + "] must have "
                    + (long) rows * columns / pattern.of() + " codes; got " + codes.length);
        }
        int count = pattern.count();
        for (byte code : codes) {
            if (code < 0 || code >= count) {
                throw new InputException(
                        "codes of " + what + " must lie in [0, " + count + ") for " + pattern + "; got " + code);
            }
        }
    }

    private static void requireGroups(String what, int rows, int columns, SparsityPattern pattern) {
        if (rows < 1 || columns < 1 || columns % pattern.of() != 0) {
            throw new InputException("in-features of " + what + " must be a multiple of " + pattern.of() + " for "
                    + pattern + " masks; got a weight [" + rows + ", " + columns + "]");
        }
        if ((long) rows * columns > Integer.MAX_VALUE - 8) {
            throw new InputException("a weight with a mask must have at most " + (Integer.MAX_VALUE - 8)
                    + " entries; got " + what + " [" + rows + ", " + columns + "]");
        }
    }

    /** Keeps the N weights of largest magnitude of every group. */
    static PatternMask largest(Tensor weight, SparsityPattern pattern) {
        int rows = Math.toIntExact(weight.size(0));
        int columns = Math.toIntExact(weight.size(1));
        requireGroups("the weight", rows, columns, pattern);
        byte[] codes = new byte[rows * columns / pattern.of()];
        try (TorchScope scope = TorchScope.open()) {
            Tensor groups = weight.detach().abs().reshape(-1, pattern.of());
            long[] best = Tensors.toLongs(groups.topk(pattern.kept()).get1()); // [groups, N]
            for (int group = 0; group < codes.length; group++) {
                int positions = 0;
                for (int i = 0; i < pattern.kept(); i++) {
                    positions |= 1 << best[group * pattern.kept() + i];
                }
                codes[group] = (byte) pattern.code(positions);
            }
        }
        return new PatternMask(rows, columns, pattern, codes);
    }

    /** Returns the outputs of the layer. */
    public int rows() {
        return rows;
    }

    /** Returns the inputs of the layer. */
    public int columns() {
        return columns;
    }

    /** Returns how many of each group are kept. */
    public SparsityPattern pattern() {
        return pattern;
    }

    /** Returns the mask's own codes [groups], which must not be changed. */
    public byte[] codes() {
        return codes;
    }

    /** Returns the number of kept weights. */
    public long kept() {
        return (long) codes.length * pattern.kept();
    }

    /** Returns where the kept weights lie in the row-major weight [rows · columns · N / M], rising. */
    public int[] keptPlaces() {
        int[] places = new int[Math.toIntExact(kept())];
        int[][] columnsOf = new int[pattern.count()][];
        Arrays.setAll(
                columnsOf,
                code -> IntStream.range(0, pattern.of())
                        .filter(k -> pattern.keeps(code, k))
                        .toArray());
        int at = 0;
        for (int group = 0; group < codes.length; group++) {
            for (int column : columnsOf[codes[group]]) {
                places[at++] = group * pattern.of() + column;
            }
        }
        return places;
    }

    /** Returns the mask as a float32 tensor [rows, columns] of zeros and ones, which the caller's scope frees. */
    public Tensor toTensor() {
        float[] entries = new float[Math.multiplyExact(rows, columns)];
        for (int place : keptPlaces()) {
            entries[place] = 1;
        }
        return Tensors.of(entries, rows, columns);
    }

    /** Returns a weight [rows, columns] with 0 where it is not kept, differentiable in it; the caller's scope frees it. */
    public Tensor masked(Tensor weight) {
        return masked(weight, toTensor().eq(new Scalar(0f)));
    }

    /** As {@link #masked(Tensor)}, with a tensor of truths [rows, columns] of where weights are not kept. */
    static Tensor masked(Tensor weight, Tensor dropped) {
        return weight.masked_fill(dropped, new Scalar(0f)); // no product: a negative weight times 0 would be -0
    }
}
