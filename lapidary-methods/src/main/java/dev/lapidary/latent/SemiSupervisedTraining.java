package dev.lapidary.latent;

import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.Pass;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Parameter;
import dev.lapidary.nn.Parameters;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.relax.Noise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a {@link SemiSupervisedVae}: each step on a batch with labels and on one without. First weights, batches and noise are functions of
 * the seed. Closing frees the parameters.
 */
public final class SemiSupervisedTraining implements AutoCloseable {
    private static final long CLASS_NOISE = 0x636C;
    private static final long STYLE_NOISE = 0x7374;

    private final SemiSupervisedVae model;
    private final GradientEstimator estimator;
    private final Items items;
    private final Pace pace;
    private final long seed;
    private final Parameters parameters;
    private final AdamW adam;
    private final EpochOrder labelled;
    private final EpochOrder unlabelled;
    private long step;

    /**
     * What is learned from.
     *
     * @param images [items, pixels], of which the first have labels
     * @param labels of the first images, from 0 to below the number of classes
     */
    @SuppressWarnings("ArrayRecordComponent") // data to be read
    public record Items(float[][] images, int[] labels) {
        /** Checks that labels are fewer than images. */
        public Items {
            if (labels.length < 1 || labels.length >= images.length) {
                throw new IllegalArgumentException("some images must have labels and some none; got " + labels.length
                        + " labels of " + images.length + " images");
            }
        }
    }

    /**
     * How it is learned.
     *
     * @param batch images with labels, and as many without, of a step
     * @param rate learning rate of Adam
     */
    public record Pace(int batch, double rate) {}

    /**
     * Draws the first weights.
     *
     * @param estimator of the gradient where the class is not known
     */
    public SemiSupervisedTraining(
            SemiSupervisedVae model, GradientEstimator estimator, Items items, Pace pace, long seed) {
        this.model = model;
        this.estimator = estimator;
        this.items = items;
        this.pace = pace;
        this.seed = seed;
        List<Parameter> all = Stream.of(model.parameters(), estimator.parameters())
                .flatMap(List::stream)
                .toList();
        parameters = Parameters.draw(all, seed);
        adam = new AdamW(parameters.values(), AdamSettings.defaults());
        labelled = new EpochOrder(seed, items.labels().length, pace.batch());
        unlabelled = new EpochOrder(seed + 1, items.images().length - items.labels().length, pace.batch());
    }

    /** Takes further steps. */
    public void step(int count) {
        for (int i = 0; i < count; i++) {
            try (var scope = TorchScope.open()) {
                Forward forward = Forward.training(parameters, seed, step);
                known(forward).add(unknown(forward)).backward();
                adam.step(step + 1, pace.rate());
            }
            step++;
        }
    }

    private Tensor known(Forward forward) {
        int[] batch = labelled.batch(step);
        float[] oneHot = new float[batch.length * model.classes()];
        for (int i = 0; i < batch.length; i++) {
            oneHot[i * model.classes() + items.labels()[batch[i]]] = 1;
        }
        return model.labelled(
                forward,
                rows(items.images(), batch, 0),
                Tensors.of(oneHot, batch.length, model.classes()),
                normal(2 * step, batch.length));
    }

    private Tensor unknown(Forward forward) {
        int[] batch = unlabelled.batch(step);
        Tensor images = rows(items.images(), batch, items.labels().length);
        Pass pass = new Pass(forward, new CounterNoise(seed, CLASS_NOISE), step, images);
        return model.unlabelled(estimator, pass, images, normal(2 * step + 1, batch.length));
    }

    private Tensor normal(long draw, int rows) {
        return Noise.normal(new CounterNoise(seed, STYLE_NOISE), draw, rows, model.style());
    }

    private static Tensor rows(float[][] images, int[] batch, int from) {
        int width = images[0].length;
        float[] flat = new float[batch.length * width];
        for (int i = 0; i < batch.length; i++) {
            System.arraycopy(images[from + batch[i]], 0, flat, i * width, width);
        }
        return Tensors.of(flat, batch.length, width);
    }

    /** Returns the likeliest class of each image [items, pixels]. */
    public int[] classify(float[][] images) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            int[] all = new int[images.length];
            Arrays.setAll(all, i -> i);
            Tensor logits = model.classify(Forward.evaluating(parameters), rows(images, all, 0));
            long[] found = Tensors.toLongs(logits.argmax(new LongOptional(-1), false));
            Arrays.setAll(all, i -> (int) found[i]);
            return all;
        }
    }

    @Override
    public void close() {
        adam.close();
        parameters.close();
    }
}
