package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of a language model's output layer, and its gradients, without the logits [n, vocabulary] of all tokens.
 *
 * <p>For each block of tokens the logits are computed, turned into probabilities in place and multiplied into the gradients
 * at once: P − 1 at the target, times the output weight for the hidden states, its transpose times the hidden states for the
 * output weight. The peak is one block of logits, whatever n is. Three matrix products, as in the plain loss with autograd,
 * and the same values to rounding. A caller goes on with {@link Result#backward}.
 *
 * <p>Differs from the paper: its kernels block the vocabulary too, keep no logits at all and pay with a fourth product that
 * computes them again for the gradients; they skip probabilities below 2^-12, here all count ({@link FilteredCrossEntropy} skips).
 *
 * <p>Shapes, float32 or float64: hidden [n, width], output weight [vocabulary, width], targets [n] int64, of which
 * {@value #IGNORED} are left out. Tensors that are returned belong to the caller's {@link TorchScope}.
 *
 * @see <a href="https://arxiv.org/abs/2411.09009">Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, ICLR
 *     2025</a>
 */
public final class CutCrossEntropy {
    /** The target of a token that has none. */
    public static final long IGNORED = -100;

    private static final long BLOCK_LOGITS = 1 << 22;
    private static final long LEAST_ROWS = 64;
    private static final long MOST_ROWS = 512;

    private final Tensor hidden; // [n, width]
    private final Tensor weight; // [vocabulary, width]
    private final Tensor indices; // [n], 0 where ignored
    private final Tensor scored; // [n], 1 or 0
    private final boolean anyIgnored;
    private final long count;
    private final long rows;

    /**
     * The loss and what it changes with.
     *
     * @param loss mean over the targets that are not ignored, in nats
     * @param hiddenGradient [n, width]
     * @param weightGradient [vocabulary, width] where it was asked for
     */
    public record Result(
            double loss, Tensor hiddenGradient, @Nullable Tensor weightGradient) {
        /** Goes on from the hidden states, those that the loss was given, to whatever they were made of. */
        public void backward(Tensor hidden) {
            try (var scope = TorchScope.open()) {
                Tensor gradient = hiddenGradient.view_as(hidden);
                hidden.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            }
        }

        /** Returns this as the share of a larger loss, scaling the gradients in place. */
        public Result times(double share) {
            if (share != 1) {
                try (var scope = TorchScope.open()) {
                    hiddenGradient.mul_(new Scalar(share));
                    if (weightGradient != null) {
                        weightGradient.mul_(new Scalar(share));
                    }
                }
            }
            return new Result(loss * share, hiddenGradient, weightGradient);
        }
    }

    private CutCrossEntropy(Tensor hidden, Tensor weight, Tensor targets, long rows) {
        this.hidden = hidden.detach().contiguous();
        this.weight = weight.detach();
        long n = hidden.size(0);
        count = requireTargets(hidden, weight, targets, Tensors.toLongs(targets));
        anyIgnored = count < n;
        Tensor isScored = targets.ne(new Scalar(IGNORED));
        indices = targets.mul(isScored);
        scored = isScored.to(hidden.scalar_type());
        this.rows = Math.min(rows, n);
    }

    /** Checks shapes and targets, and returns how many targets are not ignored. */
    static long requireTargets(Tensor hidden, Tensor weight, Tensor targets, long[] values) {
        long n = hidden.size(0);
        long vocabulary = weight.size(0);
        if (hidden.dim() != 2 || weight.dim() != 2 || hidden.size(1) != weight.size(1) || values.length != n) {
            throw new IllegalArgumentException("shapes must be [n, width], [vocabulary, width] and [n]; got "
                    + Arrays.toString(Tensors.shape(hidden))
                    + ", " + Arrays.toString(Tensors.shape(weight)) + " and "
                    + Arrays.toString(Tensors.shape(targets)));
        }
        long kept = 0;
        for (long value : values) {
            if (value != IGNORED && (value < 0 || value >= vocabulary)) {
                throw new InputException(
                        "a target must be " + IGNORED + " or from 0 to " + (vocabulary - 1) + "; got " + value);
            }
            kept += value == IGNORED ? 0 : 1;
        }
        if (kept == 0) {
            throw new InputException("at least one target must not be ignored; got " + n + " that all are");
        }
        return kept;
    }

    /**
     * Returns how many tokens a block has: as many as keep its logits in the cache, at least {@value #LEAST_ROWS}.
     *
     * <p>Small blocks make slow products: of one core 1,024 tokens, vocabulary 2,048 and width 256 take 81 ms in blocks of 16
     * tokens, 55 of 64, 42 of 256 and 40 of 512; the plain loss takes 50.
     */
    static long blockRows(long vocabulary) {
        return Math.clamp(BLOCK_LOGITS / vocabulary, LEAST_ROWS, MOST_ROWS);
    }

    /** Returns the mean loss over the targets that are not ignored, in nats, without gradients. */
    public static double loss(Tensor hidden, Tensor outputWeight, Tensor targets) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            var loss = new CutCrossEntropy(hidden, outputWeight, targets, blockRows(outputWeight.size(0)));
            return loss.mean(loss.losses(null, null));
        }
    }

    /** Returns the loss of each target [n] in nats, 0 where it is ignored, without gradients. */
    public static Tensor losses(Tensor hidden, Tensor outputWeight, Tensor targets) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            var loss = new CutCrossEntropy(hidden, outputWeight, targets, blockRows(outputWeight.size(0)));
            return scope.keep(loss.losses(null, null));
        }
    }

    /**
     * Returns the mean loss and its gradients.
     *
     * @param weightGradient whether the output weight's gradient is wanted too; without it a third of the work is spared
     */
    public static Result lossAndGradients(Tensor hidden, Tensor outputWeight, Tensor targets, boolean weightGradient) {
        return lossAndGradients(hidden, outputWeight, targets, weightGradient, blockRows(outputWeight.size(0)));
    }

    /** The same in blocks of {@code rows} tokens. */
    static Result lossAndGradients(
            Tensor hidden, Tensor outputWeight, Tensor targets, boolean weightGradient, long rows) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            var loss = new CutCrossEntropy(hidden, outputWeight, targets, rows);
            Tensor forHidden = torch.empty_like(loss.hidden);
            Tensor forWeight = weightGradient ? torch.zeros_like(loss.weight) : null;
            double mean = loss.mean(loss.losses(forHidden, forWeight));
            forHidden.mul_(new Scalar(1.0 / loss.count));
            return new Result(mean, scope.keep(forHidden), forWeight == null ? null : scope.keep(forWeight));
        }
    }

    private double mean(Tensor losses) {
        return losses.to(torch.ScalarType.Double).sum().item_double() / count;
    }

    /** Walks through the blocks; gradients are added up where they are wanted, the hidden states' not yet divided by the count. */
    private Tensor losses(@Nullable Tensor forHidden, @Nullable Tensor forWeight) {
        long n = hidden.size(0);
        Tensor losses = torch.empty(new long[] {n}, options(), new MemoryFormatOptional());
        Tensor block = torch.empty(new long[] {rows, weight.size(0)}, options(), new MemoryFormatOptional());
        for (long from = 0; from < n; from += rows) {
            long size = Math.min(rows, n - from);
            try (var scope = TorchScope.open()) {
                Tensor logits = block.narrow(0, 0, size); // [size, vocabulary]
                Tensor states = hidden.narrow(0, from, size); // [size, width]
                Tensor index = indices.narrow(0, from, size).unsqueeze(1); // [size, 1]
                Tensor mask = scored.narrow(0, from, size).unsqueeze(1); // [size, 1]
                torch.mm_out(logits, states, weight.t());
                torch.log_softmax_out(logits, logits, 1);
                losses.narrow(0, from, size)
                        .copy_(logits.gather(1, index).mul_(mask).neg_().squeeze(1));
                if (forHidden != null) {
                    errors(logits, index, mask);
                    torch.mm_out(forHidden.narrow(0, from, size), logits, weight);
                    if (forWeight != null) {
                        forWeight.addmm_(logits.t(), states, new Scalar(1.0), new Scalar(1.0 / count));
                    }
                }
            }
        }
        return losses;
    }

    /** Turns log-probabilities, in place, into what the loss of each row changes with: P, less 1 at the target. */
    private void errors(Tensor logits, Tensor index, Tensor mask) {
        logits.exp_().scatter_add_(1, index, mask.neg());
        if (anyIgnored) {
            logits.mul_(mask);
        }
    }

    private TensorOptions options() {
        return new TensorOptions(hidden.scalar_type());
    }
}
