package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A small real thing to train, in plain arrays: two classes of noisy points, Adam on shuffled batches, dropout by step. */
final class LogisticRegression implements Trainable {
    static final int ITEMS = 90;
    static final int HELD_OUT = 60;
    static final int WIDTH = 5;
    private static final int BATCH = 16;
    private static final double RATE = 0.05;

    private final long seed;
    private final double[][] points; // [ITEMS + HELD_OUT, WIDTH]
    private final int[] labels;
    private final EpochOrder order;
    private final float[] weights = new float[WIDTH + 1];
    private final double[] first = new double[WIDTH + 1];
    private final double[] second = new double[WIDTH + 1];
    private final long[] updates = new long[1];

    LogisticRegression(long seed) {
        this.seed = seed;
        RandomGenerator random = generator(seed);
        points = new double[ITEMS + HELD_OUT][WIDTH];
        labels = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            double sum = 0.3 * random.nextGaussian();
            for (int j = 0; j < WIDTH; j++) {
                points[i][j] = random.nextGaussian();
                sum += points[i][j] * (j - 1.5);
            }
            labels[i] = sum > 0 ? 1 : 0;
        }
        order = new EpochOrder(seed, ITEMS, BATCH);
    }

    private static RandomGenerator generator(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    float[] weights() {
        return weights;
    }

    @Override
    public double step(long step) {
        int[] batch = order.batch(step);
        RandomGenerator noise = generator(seed * 31 + step);
        double[] gradient = new double[WIDTH + 1];
        double loss = 0;
        for (int item : batch) {
            double[] point = points[item].clone();
            point[noise.nextInt(WIDTH)] *= 0.5;
            double probability = 1 / (1 + Math.exp(-logit(point)));
            loss -= Math.log(labels[item] == 1 ? probability : 1 - probability) / batch.length;
            double error = (probability - labels[item]) / batch.length;
            for (int j = 0; j < WIDTH; j++) {
                gradient[j] += error * point[j];
            }
            gradient[WIDTH] += error;
        }
        adam(gradient);
        return loss;
    }

    private double logit(double[] point) {
        double logit = weights[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            logit += weights[j] * point[j];
        }
        return logit;
    }

    private void adam(double[] gradient) {
        updates[0]++;
        for (int j = 0; j < gradient.length; j++) {
            first[j] = 0.9 * first[j] + 0.1 * gradient[j];
            second[j] = 0.999 * second[j] + 0.001 * gradient[j] * gradient[j];
            double mean = first[j] / (1 - Math.pow(0.9, updates[0]));
            double deviation = Math.sqrt(second[j] / (1 - Math.pow(0.999, updates[0])));
            weights[j] -= (float) (RATE * mean / (deviation + 1e-8));
        }
    }

    @Override
    public Map<String, Double> validate(long step) {
        double right = 0;
        double loss = 0;
        for (int i = ITEMS; i < points.length; i++) {
            double logit = logit(points[i]);
            right += (logit > 0 ? 1 : 0) == labels[i] ? 1 : 0;
            loss += Math.log1p(Math.exp(labels[i] == 1 ? -logit : logit));
        }
        return Map.of("accuracy", right / HELD_OUT, "loss", loss / HELD_OUT);
    }

    @Override
    public OptionalLong epoch(long step) {
        return OptionalLong.of(order.epoch(step));
    }

    @Override
    public List<TensorView> state() {
        return List.of(
                TensorView.of("weights", weights, WIDTH + 1),
                TensorView.of("adam.first", first, WIDTH + 1),
                TensorView.of("adam.second", second, WIDTH + 1),
                TensorView.of("adam.updates", updates, 1));
    }

    @Override
    public void restore(SavedState saved) {
        saved.copy("weights", weights);
        saved.copy("adam.first", first);
        saved.copy("adam.second", second);
        saved.copy("adam.updates", updates);
    }
}
