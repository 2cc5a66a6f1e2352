package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** A trainable that tells a test after each step, so that the test can stop it there. */
record Steered(Trainable inner, LongConsumer afterStep) implements Trainable {
    @Override
    public double step(long step) {
        double loss = inner.step(step);
        afterStep.accept(step + 1);
        return loss;
    }

    @Override
    public List<TensorView> state() {
        return inner.state();
    }

    @Override
    public void restore(SavedState saved) {
        inner.restore(saved);
    }

    @Override
    public Map<String, Double> validate(long step) {
        return inner.validate(step);
    }

    @Override
    public OptionalLong epoch(long step) {
        return inner.epoch(step);
    }
}
