package dev.lapidary.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The few probabilities of each row's softmax that are not negligible, found in one pass over blocks of the vocabulary.
 *
 * <p>The sum under a softmax only grows as blocks come in. So a logit whose share of the sum is below the threshold now stays below it,
 * and is forgotten at once; no more than 1/threshold others are left of a row whenever there is no room for the next block. After
 * the last block the shares are exact. No logit is calculated twice.
 *
 * <p>Shapes, float32: a block of logits [rows, size]. One thread at a time.
 */
public final class SoftmaxFilter {
    private static final int NONE = -1;

    private final SoftmaxScan scan;
    private final double threshold;
    private final double barBelowSum; // ln threshold
    private final int most; // of a row after pruning
    private final int capacity; // of a row
    private final float[] largest; // [rows]
    private final double[] sums; // [rows], of exp(logit − largest)
    private final float[] targetLogits; // [rows]
    private final int[] counts; // [rows]
    private final SoftmaxScan.Found[] found; // [rows], each [capacity]: places and logits, then factors

    /**
     * The two sides of the product and what its gradients go to, float32.
     *
     * @param weight [vocabulary, width]
     * @param hidden [n, width]
     * @param forHidden [n, width]
     * @param forWeight [vocabulary, width], or null where it is not wanted
     * @param width of both sides
     */
    public record Sides(
            MemorySegment weight,
            MemorySegment hidden,
            MemorySegment forHidden,
            @Nullable MemorySegment forWeight,
            int width) {}

    /**
     * Takes memory.
     *
     * @param rows most rows at a time
     * @param size most columns of a block
     * @param vocabulary columns of all blocks
     * @param threshold below which a probability is negligible, above 0, at most 1
     */
    public SoftmaxFilter(int rows, int size, int vocabulary, double threshold) {
        this(rows, size, vocabulary, threshold, SoftmaxScan.best());
    }

    SoftmaxFilter(int rows, int size, int vocabulary, double threshold, SoftmaxScan scan) {
        if (!(threshold > 0 && threshold <= 1)) {
            throw new IllegalArgumentException("a threshold must be above 0 and at most 1; got " + threshold);
        }
        this.scan = scan;
        this.threshold = threshold;
        barBelowSum = Math.log(threshold);
        most = (int) Math.min(Integer.MAX_VALUE / 2, Math.ceil(1 / threshold)) + 1; // one more for rounding
        capacity = Math.min(vocabulary, most + size) + 1; // one more for the target
        largest = new float[rows];
        sums = new double[rows];
        targetLogits = new float[rows];
        counts = new int[rows];
        found = new SoftmaxScan.Found[rows];
        Arrays.setAll(found, row -> new SoftmaxScan.Found(new int[capacity], new float[capacity]));
    }

    /** Returns the bytes that are held. */
    public long bytes() {
        long row = Float.BYTES + Double.BYTES + Float.BYTES + Integer.BYTES;
        return counts.length * (row + (long) capacity * (Integer.BYTES + Float.BYTES));
    }

    /** Forgets all rows. */
    public void begin() {
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0);
        Arrays.fill(counts, 0);
    }

    /**
     * Takes in the next block of a row.
     *
     * @param logits of which {@code size}, from an offset in bytes on, are the row's
     * @param first what the first of them belongs to
     * @param target of the row, in this block or another
     */
    public void take(int row, MemorySegment logits, long offset, int size, int first, int target) {
        if (target >= first && target < first + size) {
            targetLogits[row] = logits.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * (target - first));
        }
        float here = scan.largest(logits, offset, size);
        float shift = Math.max(largest[row], here);
        double before = sums[row] == 0 ? 0 : sums[row] * Math.exp((double) largest[row] - shift);
        sums[row] = before + scan.sumOfExponentials(logits, offset, size, shift);
        largest[row] = shift;
        float bar = Math.nextDown((float) (logOfSum(row) + barBelowSum));
        if (here < bar) {
            return;
        }
        if (counts[row] > most) {
            prune(row, NONE);
        }
        counts[row] = scan.select(logits, offset, size, bar, first, found[row], counts[row]);
    }

    /** Returns ln Σ exp(logit) over the blocks so far. */
    private double logOfSum(int row) {
        return largest[row] + Math.log(sums[row]);
    }

    /** Returns −ln p(target) after the last block, in nats. */
    public double loss(int row) {
        return logOfSum(row) - targetLogits[row];
    }

    /** Keeps what is not negligible by the sum so far, and not a given place. */
    private void prune(int row, int without) {
        int[] places = found[row].places();
        float[] numbers = found[row].numbers();
        double bar = logOfSum(row) + barBelowSum;
        int kept = 0;
        for (int i = 0; i < counts[row]; i++) {
            if (numbers[i] >= bar && places[i] != without) {
                places[kept] = places[i];
                numbers[kept] = numbers[i];
                kept++;
            }
        }
        counts[row] = kept;
    }

    /**
     * Turns what is left of a row after the last block into what the loss changes with: the probabilities, and that of the target less
     * 1, however small it is.
     *
     * @return how many there are
     */
    public int finish(int row, int target) {
        prune(row, target);
        double sum = logOfSum(row);
        float[] numbers = found[row].numbers();
        int count = counts[row];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) Math.exp(numbers[i] - sum);
        }
        found[row].places()[count] = target;
        numbers[count] = (float) Math.expm1(targetLogits[row] - sum);
        counts[row] = count + 1;
        return count + 1;
    }

    /**
     * Adds a finished row's part to the gradients.
     *
     * @param at the row among all n
     * @param share of the output weight's gradient, by which its part is multiplied
     */
    public void accumulate(int row, long at, Sides sides, float share) {
        int width = sides.width;
        long own = 4L * width * at;
        int[] places = found[row].places();
        float[] factors = found[row].numbers();
        for (int i = 0; i < counts[row]; i++) {
            long other = 4L * width * places[i];
            scan.add(sides.forHidden, own, sides.weight, other, width, factors[i]);
            if (sides.forWeight != null) {
                scan.add(sides.forWeight, other, sides.hidden, own, width, factors[i] * share);
            }
        }
    }
}
