package dev.lapidary.estimator;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Draws one-hot choices from softmax(logits), without gradients, and adds up their log probabilities, with gradients.
 *
 * <p>The draws are the places of the greatest of logits plus Gumbel noise: equal noise gives equal choices to every estimator that
 * samples so. One object serves one run of a program.
 */
public final class HardChoices implements Choices {
    private final CounterNoise noise;
    private final long step;
    private final long samples; // a row; 0 for one without a leading axis
    private int place;
    private @Nullable Tensor logProbability;

    private HardChoices(CounterNoise noise, long step, long samples) {
        this.noise = noise;
        this.step = step;
        this.samples = samples;
    }

    /** Returns choices that draw once a row, with the noise of a step. */
    public static HardChoices one(CounterNoise noise, long step) {
        return new HardChoices(noise, step, 0);
    }

    /**
     * Returns choices that draw several times a row: losses are [samples, rows].
     *
     * @param samples at least 1
     */
    public static HardChoices several(CounterNoise noise, long step, long samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1; got " + samples);
        }
        return new HardChoices(noise, step, samples);
    }

    @Override
    public Tensor choose(Tensor logits) {
        try (var scope = TorchScope.open()) {
            Tensor own = logits;
            if (samples > 0 && logits.dim() == 3) {
                own = logits.unsqueeze(0).expand(samples, logits.size(0), logits.size(1), logits.size(2)); // [samples, ..]
            }
            Tensor gumbel = Pass.gumbel(noise, step, place++, Tensors.shape(own)).to(own.scalar_type());
            Tensor choice = oneHot(own.detach().add(gumbel));
            Tensor log = logProbability(own, choice);
            logProbability = scope.keep(logProbability == null ? log : logProbability.add(log));
            return scope.keep(choice);
        }
    }

    /** Returns the log probability [.., rows] of all choices so far, together. */
    public Tensor logProbability() {
        if (logProbability == null) {
            throw new IllegalStateException("a program must make a choice; got none");
        }
        return logProbability;
    }

    /** Ones at the greatest entry along the last axis, else zeros. */
    static Tensor oneHot(Tensor scores) {
        Tensor greatest = scores.argmax(new LongOptional(-1), true); // [.., variables, 1]
        return torch.zeros_like(scores).scatter(-1, greatest, new Scalar(1f));
    }

    /** ln of the probability [.., rows] of one-hot choices under logits. */
    static Tensor logProbability(Tensor logits, Tensor choice) {
        return logits.log_softmax(-1).mul(choice).sum(new long[] {-2, -1}, false, new ScalarTypeOptional()); // [.., rows]
    }
}
