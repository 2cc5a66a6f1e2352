package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.ArrayAdam;
import dev.lapidary.relax.HardConcrete;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Trains per-item concept gates together with a dense head: cross-entropy of H·(gate ⊙ s) + bias plus a price per open gate.
 *
 * <p>Gates are hard concrete with log odds slope_m·s + offset_m, sampled with noise that is a function of seed and step; gradients are
 * written out. The head only guides the gates; the classifier's map is fitted afterwards by the dial on what the gates pass.
 */
final class GateTraining implements Trainable {
    private static final HardConcrete FORM = HardConcrete.standard();
    private static final int BATCH = 64;
    private static final int MOST_STEPS = 2000;
    private static final int EPOCHS = 10;
    private static final double RATE = 0.01;
    private static final double PRICE =
            2; // nats if all gates are open; on news 12 of 39 concepts speak for an item, at 0.05 all
    private static final double FIRST_SLOPE = 1;
    private static final double FIRST_OFFSET = 0; // open for scores above about the mean

    private final ScoreRows rows;
    private final EpochOrder order;
    private final CounterNoise noise;
    private final MemorySegment scores; // [BATCH, M]
    private final int concepts;
    private final int classes;
    final double[] parameters; // slope [M], offset [M], head [K, M], bias [K]
    final double[] gradient; // of the last step, as parameters
    private final ArrayAdam optimiser;

    GateTraining(ScoreRows rows, long seed, Arena arena) {
        this.rows = rows;
        this.concepts = rows.width();
        this.classes = rows.classes();
        this.order = new EpochOrder(seed, rows.labels().length, BATCH);
        this.noise = new CounterNoise(seed, 4);
        this.scores = arena.allocate(4L * BATCH * concepts, 64);
        this.parameters = new double[2 * concepts + classes * concepts + classes];
        Arrays.fill(parameters, 0, concepts, FIRST_SLOPE);
        Arrays.fill(parameters, concepts, 2 * concepts, FIRST_OFFSET);
        this.gradient = new double[parameters.length];
        this.optimiser = new ArrayAdam(parameters, AdamSettings.defaults());
    }

    /** Trains gates on standardised scores. */
    static ConceptGates train(ScoreRows rows, long seed, Progress progress, Cancellation cancellation) {
        try (Arena arena = Arena.ofShared()) {
            GateTraining training = new GateTraining(rows, seed, arena);
            long steps = Math.min(EPOCHS * training.order.stepsPerEpoch(), MOST_STEPS);
            TrainingLoop.run(training, TrainingPlan.of(steps, seed).named("gates"), progress, cancellation);
            cancellation.check();
            int m = training.concepts;
            return new ConceptGates(
                    Arrays.copyOfRange(training.parameters, 0, m), Arrays.copyOfRange(training.parameters, m, 2 * m));
        }
    }

    @Override
    public double step(long step) {
        double loss = lossAndGradient(step);
        optimiser.step(step + 1, RATE, gradient);
        return loss;
    }

    /** The loss of a step's batch under its noise; leaves the gradient. */
    double lossAndGradient(long step) {
        int[] chosen = order.batch(step);
        rows.gather(chosen, scores);
        Arrays.fill(gradient, 0);
        Item item = new Item();
        double loss = 0;
        for (int i = 0; i < chosen.length; i++) {
            MemorySegment.copy(scores, ValueLayout.JAVA_FLOAT, 4L * i * concepts, item.score, 0, concepts);
            item.sample(step, i);
            loss += item.backward(rows.labels()[chosen[i]], 1.0 / chosen.length);
        }
        return loss;
    }

    /** One item's way forward and back. */
    private final class Item {
        final float[] score = new float[concepts];
        private final double[] open = new double[concepts]; // sigmoid of the noisy log odds
        private final double[] gate = new double[concepts];
        private final double[] logits = new double[classes];

        void sample(long step, int i) {
            for (int m = 0; m < concepts; m++) {
                open[m] = FORM.noisySigmoid(logAlpha(m), noise.uniformAt(step, (long) i * concepts + m));
                gate[m] = FORM.stretch(open[m]);
            }
        }

        private double logAlpha(int m) {
            return parameters[m] * score[m] + parameters[concepts + m];
        }

        double backward(int label, double share) {
            double loss = softmaxMinusTarget(label) * share;
            int head = 2 * concepts;
            int bias = head + classes * concepts;
            for (int k = 0; k < classes; k++) {
                gradient[bias + k] += share * logits[k];
            }
            for (int m = 0; m < concepts; m++) {
                double passed = gate[m] * score[m];
                double toPassed = 0;
                for (int k = 0; k < classes; k++) {
                    toPassed += logits[k] * parameters[head + k * concepts + m];
                    gradient[head + k * concepts + m] += share * logits[k] * passed;
                }
                double toOdds = toPassed * score[m] * FORM.slope(open[m]);
                double chance = FORM.openProbability(logAlpha(m));
                loss += share * PRICE * chance / concepts;
                toOdds += PRICE * chance * (1 - chance) / concepts;
                gradient[m] += share * toOdds * score[m];
                gradient[concepts + m] += share * toOdds;
            }
            return loss;
        }

        /** Leaves probabilities minus the one-hot label in logits and returns the cross-entropy. */
        private double softmaxMinusTarget(int label) {
            int head = 2 * concepts;
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < classes; k++) {
                double z = parameters[head + classes * concepts + k];
                for (int m = 0; m < concepts; m++) {
                    z += parameters[head + k * concepts + m] * gate[m] * score[m];
                }
                logits[k] = z;
                most = Math.max(most, z);
            }
            double own = logits[label] - most;
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                logits[k] = Math.exp(logits[k] - most);
                sum += logits[k];
            }
            for (int k = 0; k < classes; k++) {
                logits[k] /= sum;
            }
            logits[label] -= 1;
            return Math.log(sum) - own;
        }
    }

    @Override
    public List<TensorView> state() {
        return optimiser.state();
    }

    @Override
    public void restore(SavedState saved) {
        optimiser.restore(saved);
    }
}
