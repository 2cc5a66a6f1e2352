package dev.lapidary.app;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Walks towards pseudo-random targets, with a pause in every step so that a signal can arrive. */
final class CountingTrainable implements Trainable {
    private final long pauseMillis;
    private final double[] values = new double[8];

    CountingTrainable(long pauseMillis) {
        this.pauseMillis = pauseMillis;
    }

    @Override
    public double step(long step) {
        try {
            TimeUnit.MILLISECONDS.sleep(pauseMillis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        double loss = 0;
        for (int i = 0; i < values.length; i++) {
            double error = values[i] - Math.sin(step * 7 + i);
            values[i] -= 0.1 * error;
            loss += error * error;
        }
        return loss;
    }

    @Override
    public List<TensorView> state() {
        return List.of(TensorView.of("values", values, values.length));
    }

    @Override
    public void restore(SavedState saved) {
        saved.copy("values", values);
    }
}
