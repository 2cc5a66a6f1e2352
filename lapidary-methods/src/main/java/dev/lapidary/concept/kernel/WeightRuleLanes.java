package dev.lapidary.concept.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.VectorFloats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Applies a {@link WeightUpdate} to a run of weights whose gradient was just computed. */
final class WeightRuleLanes {
    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private WeightUpdate rule;
    private float beta1;
    private float beta2;
    private float rate; // Adam: over the first bias correction
    private float root; // one over the root of the second bias correction
    private float epsilon;
    private float keep; // what weight decay leaves

    WeightRuleLanes(WeightUpdate rule) {
        this.rule = rule;
    }

    WeightUpdate rule() {
        return rule;
    }

    void rate(double newRate) {
        rule = rule.withRate(newRate);
    }

    /** Sets the constants of a step, the first being 1. */
    void prepare(long step) {
        switch (rule) {
            case WeightUpdate.Sgd sgd -> rate = (float) sgd.rate();
            case WeightUpdate.Adam adam -> prepare(adam, step);
        }
    }

    private void prepare(WeightUpdate.Adam adam, long step) {
        AdamSettings settings = adam.settings();
        beta1 = (float) settings.beta1();
        beta2 = (float) settings.beta2();
        rate = (float) (adam.rate() / (1 - Math.pow(settings.beta1(), step)));
        root = (float) (1 / Math.sqrt(1 - Math.pow(settings.beta2(), step)));
        epsilon = (float) settings.epsilon();
        keep = (float) (1 - adam.rate() * settings.weightDecay());
    }

    /** Updates the weights and, for Adam, their moments; the addresses hold that many floats, a multiple of 32. */
    void update(long gradient, long weights, long mean, long square, int floats) {
        if (rule instanceof WeightUpdate.Adam) {
            adam(gradient, weights, mean, square, 4 * floats);
        } else {
            descend(gradient, weights, 4 * floats);
        }
    }

    private void descend(long gradient, long weights, int bytes) {
        FloatVector minusRate = Lanes.broadcast(-rate);
        for (int i = 0; i < bytes; i += VECTOR) {
            store(load(gradient + i).fma(minusRate, load(weights + i)), weights + i);
        }
    }

    private void adam(long gradient, long weights, long mean, long square, int bytes) {
        FloatVector oneMinusBeta1 = Lanes.broadcast(1 - beta1);
        FloatVector oneMinusBeta2 = Lanes.broadcast(1 - beta2);
        FloatVector roots = Lanes.broadcast(root);
        FloatVector epsilons = Lanes.broadcast(epsilon);
        FloatVector kept = Lanes.broadcast(keep);
        FloatVector minusRate = Lanes.broadcast(-rate);
        for (int i = 0; i < bytes; i += VECTOR) {
            FloatVector w = load(weights + i);
            FloatVector g = load(gradient + i);
            FloatVector m = load(mean + i);
            m = g.sub(m).fma(oneMinusBeta1, m);
            FloatVector v = load(square + i);
            v = g.mul(g).sub(v).fma(oneMinusBeta2, v);
            store(m, mean + i);
            store(v, square + i);
            FloatVector divisor = v.sqrt().fma(roots, epsilons);
            store(m.div(divisor).fma(minusRate, w.mul(kept)), weights + i);
        }
    }

    /** Updates one weight in plain arrays: for biases. */
    void update(float gradient, float[] weights, float[] mean, float[] square, int i) {
        if (!(rule instanceof WeightUpdate.Adam)) {
            weights[i] -= rate * gradient;
            return;
        }
        mean[i] = Math.fma(gradient - mean[i], 1 - beta1, mean[i]);
        square[i] = Math.fma(gradient * gradient - square[i], 1 - beta2, square[i]);
        float divisor = Math.fma((float) Math.sqrt(square[i]), root, epsilon);
        weights[i] = Math.fma(mean[i] / divisor, -rate, weights[i] * keep);
    }

    /** Adds strength times the sign of each weight (0 for 0) to the gradient and returns the sum of |weight|. */
    static double addSigns(long gradient, long weights, int floats, float strength) {
        FloatVector sum = FloatVector.zero(Lanes.FLOAT);
        FloatVector zero = sum;
        for (int i = 0; i < 4 * floats; i += VECTOR) {
            FloatVector w = load(weights + i);
            FloatVector sign = zero.blend(strength, w.compare(VectorOperators.GT, 0f))
                    .blend(-strength, w.compare(VectorOperators.LT, 0f));
            store(load(gradient + i).add(sign), gradient + i);
            sum = sum.add(w.abs());
        }
        return VectorFloats.sum(sum);
    }
}
