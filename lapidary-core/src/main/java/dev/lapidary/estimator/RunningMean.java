package dev.lapidary.estimator;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A baseline that is the exponential mean of earlier steps' losses: m = keep·m + (1 − keep)·(mean loss). In the first step it is that step's
 * own mean. A state of its own: one object serves one training.
 */
public final class RunningMean implements Baseline {
    private final double keep;
    private double mean;
    private boolean begun;

    /**
     * Makes a baseline that has seen nothing.
     *
     * @param keep share of the earlier mean that a step keeps, in [0, 1)
     */
    public RunningMean(double keep) {
        if (!(keep >= 0 && keep < 1)) {
            throw new IllegalArgumentException("keep must be in [0, 1); got " + keep);
        }
        this.keep = keep;
    }

    @Override
    public Signal signal(Tensor losses, Pass pass) {
        try (var scope = TorchScope.open()) {
            double own = losses.mean().item_double();
            Tensor value = losses.sub(new Scalar(begun ? mean : own));
            observe(own);
            return new Signal(scope.keep(value), scope.keep(Tensors.of(new float[1], new long[0])));
        }
    }

    void observe(double value) {
        mean = begun ? keep * mean + (1 - keep) * value : value;
        begun = true;
    }

    /** Returns the mean so far; 0 before anything was seen. */
    public double mean() {
        return mean;
    }
}
