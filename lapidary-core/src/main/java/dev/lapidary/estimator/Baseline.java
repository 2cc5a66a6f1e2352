package dev.lapidary.estimator;

import dev.lapidary.nn.Layer;
import dev.lapidary.nn.Parameter;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Predicts a row's loss before its choices are made, which takes variance away from {@link ScoreFunction} and leaves its mean alone. */
public sealed interface Baseline permits RunningMean, LearnedBaseline {
    /** Returns its parameters. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /**
     * Returns what is left of losses, and learns from them.
     *
     * @param losses [rows], without gradients
     */
    Signal signal(Tensor losses, Pass pass);

    /**
     * What multiplies the gradient of the log probability.
     *
     * @param value [rows], without gradients
     * @param loss of the baseline itself, a scalar whose gradient trains its parameters; 0 where it has none
     */
    record Signal(Tensor value, Tensor loss) {}

    /** Returns the mean of earlier losses, of which each step keeps a share of 0.9. */
    static RunningMean runningMean() {
        return new RunningMean(0.9);
    }

    /** Returns a net of the pass's context, centred as in NVIL with the paper's share of 0.8, and not scaled. */
    static LearnedBaseline learned(Layer net) {
        return new LearnedBaseline(net, 0.8, false);
    }
}
