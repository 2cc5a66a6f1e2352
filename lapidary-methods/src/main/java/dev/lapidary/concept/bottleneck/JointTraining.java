package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.concept.kernel.BottleneckState;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Trains bottleneck layer W [M, M] and head H [K, M] together: cross-entropy of H·W·s plus the method's loss on W·s, two Adam optimisers.
 *
 * <p>What comes back is the product H·W, the map on named scores. The published form (scores 100·cos, both layers uniform in ±1/√M, 10
 * epochs of fixed batches, learning rates 3e-4) is the classifier itself. In the sound form (standardised scores, W from the
 * identity) the product tells the dial which concepts the jointly trained model leans on.
 *
 * <p>Differs from the published trainer: the head is trained, and train, validation and test parts are disjoint.
 */
final class JointTraining {
    static final int BATCH = 32;
    private static final int PUBLISHED_EPOCHS = 10;
    private static final int SOUND_EPOCHS = 10;
    private static final int MOST_SOUND_STEPS = 4000; // a guide for the dial, not the classifier: bounded on large data
    private static final double PUBLISHED_RATE = 3e-4;
    private static final double SOUND_RATE = 1e-3;
    private static final double LEAST_PENALTY_SHARE = 0.1;

    private JointTraining() {}

    /** Fits a problem by a loss on the bottleneck layer: in the published form, or as the guide of the dial. */
    static Fit fit(String id, BottleneckProblem problem, BottleneckLoss loss) {
        var method = new Joint(id, loss);
        long seed = problem.seed();
        return problem.faithful()
                ? problem.published(rows -> published(method, rows, seed, problem.progress(), problem.cancellation()))
                : problem.dial(rows -> sound(method, rows, seed, problem.progress(), problem.cancellation()));
    }

    /** What the layer is charged, and the name under which progress is shown. */
    record Joint(String id, BottleneckLoss loss) {}

    /** The published form on scores 100·cos; returns the product of head and layer. */
    static NamedMap published(Joint method, ScoreRows rows, long seed, Progress progress, Cancellation stop) {
        int m = rows.width();
        var noise = new CounterNoise(seed, 1);
        float bound = (float) (1 / Math.sqrt(m));
        double[] layer = uniform(noise, 0, m * m, bound);
        double[] head = uniform(noise, 1, rows.classes() * m, bound);
        long stepsPerEpoch = Math.ceilDiv(rows.labels().length, BATCH);
        var setting = new Setting(method, PUBLISHED_RATE, false, PUBLISHED_EPOCHS * stepsPerEpoch);
        return train(setting, rows, seed, layer, head, progress, stop);
    }

    /** The sound form on standardised scores; returns the product of head and layer. */
    static NamedMap sound(Joint method, ScoreRows rows, long seed, Progress progress, Cancellation stop) {
        int m = rows.width();
        double[] layer = new double[m * m];
        for (int i = 0; i < m; i++) {
            layer[i * m + i] = 1;
        }
        double[] head = uniform(new CounterNoise(seed, 2), 0, rows.classes() * m, (float) (1 / Math.sqrt(m)));
        long stepsPerEpoch = Math.ceilDiv(rows.labels().length, BATCH);
        long steps = Math.min(SOUND_EPOCHS * stepsPerEpoch, MOST_SOUND_STEPS);
        var setting = new Setting(method, SOUND_RATE, true, steps);
        return train(setting, rows, seed, layer, head, progress, stop);
    }

    /**
     * Penalty weights [K, M] that let concepts through which the joint model leans on: 1/(|D|/mean|D| + 0.1), mean 1 (the adaptive
     * lasso).
     *
     * @see <a href="https://doi.org/10.1198/016214506000000735">Zou 2006, The adaptive lasso and its oracle properties</a>
     */
    static double[] penaltyWeights(NamedMap joint) {
        double[] weights = Arrays.stream(joint.weights())
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .toArray();
        double mean = Arrays.stream(weights).average().orElseThrow();
        if (mean == 0) {
            Arrays.fill(weights, 1);
            return weights;
        }
        for (int e = 0; e < weights.length; e++) {
            weights[e] = 1 / (weights[e] / mean + LEAST_PENALTY_SHARE);
        }
        double scale = 1 / Arrays.stream(weights).average().orElseThrow();
        return Arrays.stream(weights).map(w -> w * scale).toArray();
    }

    private record Setting(Joint method, double rate, boolean sound, long steps) {}

    private static NamedMap train(
            Setting setting,
            ScoreRows rows,
            long seed,
            double[] layer,
            double[] head,
            Progress progress,
            Cancellation stop) {
        var settings = BottleneckTrainer.settings(
                setting.method().loss(), setting.sound(), setting.rate(), rows, seed);
        var start = BottleneckState.fresh(layer, head, rows.classes());
        try (Arena arena = Arena.ofShared();
                BottleneckTrainer trainer =
                        new BottleneckTrainer(settings, start, new Batches(rows, seed, setting.sound(), arena))) {
            var plan = TrainingPlan.of(setting.steps(), seed)
                    .named("joint training (" + setting.method().id() + ")");
            TrainingLoop.run(trainer, plan, progress, stop);
            stop.check();
            return trainer.product();
        }
    }

    private static double[] uniform(CounterNoise noise, long step, int n, float bound) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = (2 * noise.uniformAt(step, i) - 1) * bound;
        }
        return values;
    }

    /** Batches of scores [b, M] with labels, a function of seed and step alone. */
    static final class Batches {
        private final ScoreRows rows;
        private final EpochOrder order;
        private final boolean reshuffled;
        private final MemorySegment scores; // [BATCH, M]

        /** Draws from rows; without reshuffling every epoch has the batches of the first, as published. */
        Batches(ScoreRows rows, long seed, boolean reshuffled, Arena arena) {
            this.rows = rows;
            this.order = new EpochOrder(seed, rows.labels().length, BATCH);
            this.reshuffled = reshuffled;
            this.scores = arena.allocate(4L * BATCH * rows.width(), 64);
        }

        /** One batch; its scores are valid until the next. */
        @SuppressWarnings("ArrayRecordComponent") // handed on once
        record Batch(MemorySegment scores, int[] labels) {}

        Batch at(long step) {
            int[] chosen = order.batch(reshuffled ? step : step % order.stepsPerEpoch());
            MemorySegment filled = scores.asSlice(0, 4L * chosen.length * rows.width());
            rows.gather(chosen, filled);
            int[] labels = new int[chosen.length];
            for (int i = 0; i < chosen.length; i++) {
                labels[i] = rows.labels()[chosen[i]];
            }
            return new Batch(filled, labels);
        }
    }
}
