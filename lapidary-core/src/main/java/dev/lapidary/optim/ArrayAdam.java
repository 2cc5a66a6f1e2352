package dev.lapidary.optim;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.SavedState;
import java.math.BigDecimal;
import java.util.List;

/**
 * AdamW over one array, in float64 and without PyTorch, for small models whose gradients are written out; the formula is that of
 * {@link AdamSettings}. Weight decay, where there is one, is for all of the array.
 */
public final class ArrayAdam {
    private final AdamSettings settings;
    private final double[] weights;
    private final double[] first;
    private final double[] second;

    /** Trains an array, which stays the caller's to read and write. */
    public ArrayAdam(double[] weights, AdamSettings settings) {
        this.settings = settings;
        this.weights = weights;
        first = new double[weights.length];
        second = new double[weights.length];
    }

    /**
     * Takes a step.
     *
     * @param number which step this is, from 1
     * @param gradient as long as the array
     */
    public void step(long number, double rate, double[] gradient) {
        if (gradient.length != weights.length) {
            throw new IllegalArgumentException(
                    "a gradient must be as long as the " + weights.length + " weights; got " + gradient.length);
        }
        double correctFirst = 1 - Math.pow(settings.beta1(), (double) number);
        double correctSecond = 1 - Math.pow(settings.beta2(), (double) number);
        double newFirst = rest(settings.beta1());
        double newSecond = rest(settings.beta2());
        double keep = 1 - rate * settings.weightDecay();
        for (int i = 0; i < weights.length; i++) {
            first[i] += newFirst * (gradient[i] - first[i]);
            second[i] += newSecond * (gradient[i] * gradient[i] - second[i]);
            weights[i] = keep * weights[i]
                    - rate * (first[i] / correctFirst) / (Math.sqrt(second[i] / correctSecond) + settings.epsilon());
        }
    }

    /** Returns 1 − beta of the decimal that was written: 0.1 for 0.9, where the difference of the doubles ends in ...98. */
    private static double rest(double beta) {
        return BigDecimal.ONE.subtract(BigDecimal.valueOf(beta)).doubleValue();
    }

    /** Returns weights and moments as a checkpoint needs them. */
    public List<TensorView> state() {
        return List.of(
                TensorView.of("parameters", weights, weights.length),
                TensorView.of("first", first, first.length),
                TensorView.of("second", second, second.length));
    }

    /** Puts back what {@link #state} returned. */
    public void restore(SavedState saved) {
        saved.copy("parameters", weights);
        saved.copy("first", first);
        saved.copy("second", second);
    }
}
