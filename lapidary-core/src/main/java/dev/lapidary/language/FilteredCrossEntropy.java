package dev.lapidary.language;

import dev.lapidary.kernel.SoftmaxFilter;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.MemorySegment;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Cut cross-entropy with the paper's filter: of the softmax gradient P − 1 at the target, elements with P below a threshold count as 0,
 * but for the target's, so that the gradients' two matrix products shrink to a few rows each.
 *
 * <p>The loss is exact. What the filter leaves out of a row t, mass m(t) = Σ P over the skipped, changes its hidden gradient by at most
 * m(t) · max |W| / count in every coordinate, and the output weight's gradient of a token by less than threshold · mean |h|. Where the
 * vocabulary is so large that an even guess is below the threshold, a model that knows nothing loses all but the targets' part.
 *
 * <p>Blocks of tokens by blocks of the vocabulary: scratch does not grow with either. The logits of a block are calculated once; what
 * may stay above the threshold is remembered ({@link SoftmaxFilter}), where the paper's kernels calculate all logits again for the
 * gradients. The paper skips whole blocks of 128 tokens by 128 words of which no element is large, and sorts the vocabulary so that
 * there are many; here every element is skipped for itself, and no order is needed. One thread calculates; only the product of a block
 * may take several.
 *
 * <p>Shapes as in {@link CutCrossEntropy}, float32. Tensors that are returned belong to the caller's {@link TorchScope}.
 *
 * @see <a href="https://arxiv.org/abs/2411.09009">Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, ICLR
 *     2025</a>
 */
public final class FilteredCrossEntropy {
    /** The paper's threshold: the least that a bfloat16 sum to 1 would notice. */
    public static final double THRESHOLD = 0x1p-12;

    private static final int ROWS = 128;
    private static final int COLUMNS = 2048;

    private final Tensor hidden; // [n, width]
    private final Tensor weight; // [vocabulary, width]
    private final long[] targets; // [n]
    private final long count;
    private final SoftmaxFilter filter;
    private final Tensor block; // [rows, columns]
    private final int rows;
    private final int columns;
    private double loss;
    private long kept;

    /**
     * The loss, what it changes with, and what that took.
     *
     * @param result loss and gradients
     * @param keptShare share of the softmax gradient's elements that count, ignored rows left out
     * @param scratchBytes allocated beside the gradients
     */
    public record Filtered(CutCrossEntropy.Result result, double keptShare, long scratchBytes) {}

    private FilteredCrossEntropy(Tensor hidden, Tensor weight, Tensor targets, double threshold) {
        this.hidden = hidden.detach().contiguous();
        this.weight = weight.detach().contiguous();
        this.targets = Tensors.toLongs(targets);
        count = CutCrossEntropy.requireTargets(this.hidden, this.weight, targets, this.targets);
        rows = (int) Math.min(ROWS, hidden.size(0));
        columns = (int) Math.min(COLUMNS, weight.size(0));
        filter = new SoftmaxFilter(rows, columns, Math.toIntExact(weight.size(0)), threshold);
        block = torch.empty(
                new long[] {rows, columns}, new TensorOptions(torch.ScalarType.Float), new MemoryFormatOptional());
    }

    /**
     * Returns the mean loss and its filtered gradients.
     *
     * @param weightGradient whether the output weight's gradient is wanted too
     * @param threshold below which a probability counts as 0, above 0; {@link #THRESHOLD} in the paper
     */
    public static Filtered lossAndGradients(
            Tensor hidden, Tensor outputWeight, Tensor targets, boolean weightGradient, double threshold) {
        if (hidden.scalar_type().intern() != torch.ScalarType.Float
                || outputWeight.scalar_type().intern() != torch.ScalarType.Float) {
            throw new IllegalArgumentException("filtered gradients need float32; got " + hidden.scalar_type() + " and "
                    + outputWeight.scalar_type());
        }
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            var filtered = new FilteredCrossEntropy(hidden, outputWeight, targets, threshold);
            Tensor forHidden = torch.zeros_like(filtered.hidden);
            Tensor forWeight = weightGradient ? torch.zeros_like(filtered.weight) : null;
            filtered.run(forHidden, forWeight);
            forHidden.mul_(new Scalar(1.0 / filtered.count));
            if (forWeight != null) {
                scope.keep(forWeight);
            }
            var result = new CutCrossEntropy.Result(filtered.loss / filtered.count, scope.keep(forHidden), forWeight);
            double elements = (double) filtered.count * outputWeight.size(0);
            return new Filtered(result, filtered.kept / elements, filtered.scratch(hidden, outputWeight));
        }
    }

    private long scratch(Tensor givenHidden, Tensor givenWeight) {
        long copies = (givenHidden.is_contiguous() ? 0 : 4 * hidden.numel())
                + (givenWeight.is_contiguous() ? 0 : 4 * weight.numel());
        return copies + filter.bytes() + 4 * block.numel() + (long) Long.BYTES * targets.length;
    }

    private void run(Tensor forHidden, @Nullable Tensor forWeight) {
        var sides = new SoftmaxFilter.Sides(
                Tensors.segment(weight),
                Tensors.segment(hidden),
                Tensors.segment(forHidden),
                forWeight == null ? null : Tensors.segment(forWeight),
                Math.toIntExact(hidden.size(1)));
        for (int from = 0; from < targets.length; from += rows) {
            int size = Math.min(rows, targets.length - from);
            scan(from, size);
            for (int row = 0; row < size; row++) {
                long target = targets[from + row];
                if (target != CutCrossEntropy.IGNORED) {
                    loss += filter.loss(row);
                    kept += filter.finish(row, (int) target);
                    filter.accumulate(row, from + row, sides, (float) (1.0 / count));
                }
            }
        }
    }

    /** Multiplies some tokens with the whole vocabulary, block by block. */
    private void scan(int from, int size) {
        MemorySegment logits = Tensors.segment(block);
        int vocabulary = Math.toIntExact(weight.size(0));
        filter.begin();
        for (int first = 0; first < vocabulary; first += columns) {
            int words = Math.min(columns, vocabulary - first);
            try (var scope = TorchScope.open()) {
                Tensor out = block.view(-1).narrow(0, 0, (long) size * words).view(size, words); // [size, words]
                torch.mm_out(
                        out,
                        hidden.narrow(0, from, size),
                        weight.narrow(0, first, words).t());
            }
            for (int row = 0; row < size; row++) {
                if (targets[from + row] != CutCrossEntropy.IGNORED) {
                    filter.take(row, logits, 4L * row * words, words, first, (int) targets[from + row]);
                }
            }
        }
    }
}
