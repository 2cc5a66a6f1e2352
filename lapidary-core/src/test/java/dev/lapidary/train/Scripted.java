package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/** A trainable whose losses and validations a test writes down; its state is one number, 10 times the steps done. */
final class Scripted implements Trainable {
    private final LongToDoubleFunction loss;
    private final LongToDoubleFunction score;
    private float value;
    private int steps;

    Scripted(LongToDoubleFunction loss, LongToDoubleFunction score) {
        this.loss = loss;
        this.score = score;
    }

    float value() {
        return value;
    }

    void value(float newValue) {
        value = newValue;
    }

    /** Returns how often a step was taken. */
    int steps() {
        return steps;
    }

    @Override
    public double step(long step) {
        steps++;
        value += 10;
        return loss.applyAsDouble(step + 1);
    }

    @Override
    public Map<String, Double> validate(long step) {
        return Map.of("score", score.applyAsDouble(step));
    }

    @Override
    public List<TensorView> state() {
        return List.of(TensorView.of("value", new float[] {value}, 1));
    }

    @Override
    public void restore(SavedState saved) {
        value = saved.tensor("value").toFloats()[0];
    }
}
