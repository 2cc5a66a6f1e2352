package dev.lapidary.contrast;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.nn.Parameters;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps of AdamW on a loss over images.
 *
 * <p>A step's batch is cut into pieces, which are {@link Microbatches}: so on one machine any number of threads gives the same bytes.
 *
 * @param <C> what the pieces of a step share
 */
abstract sealed class PieceTrainer<C> implements Trainable, AutoCloseable permits ContrastiveTrainer, AdapterTrainer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;
    private static final double NUMERICAL = 1e-8;
    private static final double MOST_NORM = 5;
    private static final int MEASURED = 128; // images of a piece without gradients

    private final ImageTraining training;
    private final Pixels source;
    private final Parts parts;
    private final float[][] table;
    private final EpochOrder order;
    private final Parameters parameters;
    private final AdamW optimizer;
    private final Schedule rate;
    private final Microbatches<Parameters> microbatches;
    private long imagesSeen;

    /**
     * Takes the parameters over.
     *
     * @param source of the images, which stays the caller's
     * @param table [3, 256], the float of each byte of each colour
     * @param parameters by name, which become the trainer's to close
     */
    PieceTrainer(ImageTraining training, Pixels source, Parts parts, float[][] table, Map<String, Tensor> parameters) {
        this.training = training;
        this.source = source;
        this.parts = parts;
        this.table = table;
        this.parameters = Parameters.of(parameters);
        order = new EpochOrder(training.seed(), parts.training().length, training.batch());
        optimizer = new AdamW(
                this.parameters.values(), new AdamSettings(BETA1, BETA2, NUMERICAL, training.weightDecay()), MOST_NORM);
        rate = training.rate();
        microbatches = new Microbatches<>(this.parameters, training.pieces());
    }

    /** What the pieces of a step share, such as its captions. */
    abstract C shared(int[] images, long step);

    /**
     * The mean loss over the images of a piece, in the open scope.
     *
     * @param leaves the parameters' values, in a graph of their own
     * @param index of the piece within its step
     */
    abstract Tensor loss(Map<String, Tensor> leaves, C shared, int[] images, int index, long step);

    /** Is called after every update. */
    void afterStep() {}

    final Map<String, Tensor> parameters() {
        return parameters.byName();
    }

    /**
     * Trains to the end.
     *
     * @return figures by name: steps, seconds, images, heldOutImages, imagesPerSecond, and what {@link #validate} measures at the end
     * @throws java.util.concurrent.CancellationException where somebody asked to stop
     */
    final Map<String, Number> train(TrainingPlan plan, Progress progress, Cancellation cancellation) {
        TrainingResult result = TrainingLoop.run(this, plan, progress, cancellation);
        cancellation.check();
        Map<String, Number> figures = new HashMap<>(validate(result.steps()));
        figures.put("steps", result.steps());
        figures.put("seconds", result.seconds());
        figures.put("images", parts.training().length);
        figures.put("heldOutImages", parts.heldOut().length);
        figures.put("imagesPerSecond", imagesSeen / result.sessionSeconds());
        return figures;
    }

    /** The first {@code most} held-out images, or all where there are fewer. */
    final int[] heldOut(int most) {
        return Arrays.copyOf(parts.heldOut(), Math.min(parts.heldOut().length, most));
    }

    /** The mean of what is measured on images, of whose pieces the measure gives the sums; no gradient is taken. */
    final double mean(int[] images, ToDoubleFunction<int[]> measure) {
        int pieces = Math.ceilDiv(images.length, MEASURED);
        return microbatches.measure(pieces, i -> measure.applyAsDouble(piece(images, i, MEASURED))) / images.length;
    }

    private static int[] piece(int[] images, int index, int size) {
        int from = index * size;
        return Arrays.copyOfRange(images, from, Math.min(images.length, from + size));
    }

    @Override
    public final double step(long step) {
        int[] images =
                Arrays.stream(order.batch(step)).map(i -> parts.training()[i]).toArray();
        C shared = shared(images, step);
        int pieces = Math.ceilDiv(images.length, training.pieceSize());
        double loss = microbatches.run(pieces, (leaves, index) -> {
            int[] some = piece(images, index, training.pieceSize());
            try (var scope = TorchScope.open()) {
                double share = some.length / (double) images.length;
                Tensor part = loss(leaves.byName(), shared, some, index, step).mul(new Scalar(share));
                part.backward();
                return part.item_double();
            }
        });
        optimizer.step(step + 1, rate.at(step, training.steps(parts.training().length)), microbatches.crew());
        afterStep();
        imagesSeen += images.length;
        return loss;
    }

    /** How an image is shown. */
    @FunctionalInterface
    interface Views {
        Augmentation.View of(int image);
    }

    /** Pixels [images, 3, side, side], channels last in memory. */
    final Tensor pixels(int[] images, Views views) {
        int side = source.side();
        long values = Pixels.imageBytes(side);
        Tensor pixels = Tensors.of(new float[Math.toIntExact(images.length * values)], images.length, side, side, 3);
        MemorySegment target = Tensors.segment(pixels);
        long bytes = values * Float.BYTES;
        for (int i = 0; i < images.length; i++) {
            source.write(images[i], views.of(images[i]), table, target.asSlice(i * bytes, bytes));
        }
        return pixels.permute(0, 3, 1, 2);
    }

    @Override
    public List<TensorView> state() {
        return optimizer.state();
    }

    @Override
    public void restore(SavedState saved) {
        optimizer.restore(saved);
    }

    @Override
    public final OptionalLong epoch(long step) {
        return OptionalLong.of(order.epoch(step));
    }

    @Override
    public void close() {
        microbatches.close();
        optimizer.close();
        parameters.close();
    }
}
