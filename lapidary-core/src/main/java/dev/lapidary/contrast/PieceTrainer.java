package dev.lapidary.contrast;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.TensorView;
import dev.lapidary.torch.FlatAdamW;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps of AdamW on a loss over images.
 *
 * <p>A step's batch is cut into pieces. Each piece runs on one core, with gradients of its own; they are added in the order of the
 * pieces. So on one machine any number of threads gives the same bytes.
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
    private final Map<String, Tensor> parameters;
    private final FlatAdamW optimizer;
    private final TorchCrew crew;
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
        this.parameters = parameters;
        order = new EpochOrder(training.seed(), parts.training().length, training.batch());
        optimizer = new FlatAdamW(
                parameters.values(),
                new FlatAdamW.Settings(BETA1, BETA2, NUMERICAL, training.weightDecay(), MOST_NORM));
        crew = new TorchCrew(Torch.threads());
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
        return parameters;
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
        figures.put("imagesPerSecond", imagesSeen / result.seconds());
        return figures;
    }

    /** The first held-out images, at most so many. */
    final int[] heldOut(int most) {
        return Arrays.copyOf(parts.heldOut(), Math.min(parts.heldOut().length, most));
    }

    /** The mean of what is measured on images, of whose pieces the measure gives the sums; no gradient is taken. */
    final double mean(int[] images, ToDoubleFunction<int[]> measure) {
        List<Future<Double>> running = new ArrayList<>();
        for (int from = 0; from < images.length; from += MEASURED) {
            int[] some = Arrays.copyOfRange(images, from, Math.min(images.length, from + MEASURED));
            running.add(crew.submit(() -> {
                try (var scope = TorchScope.open();
                        var still = new NoGradGuard()) {
                    return measure.applyAsDouble(some);
                }
            }));
        }
        double sum = 0;
        for (Future<Double> each : running) {
            sum += TorchCrew.result(each);
        }
        return sum / images.length;
    }

    @Override
    public final double step(long step) {
        int[] images =
                Arrays.stream(order.batch(step)).map(i -> parts.training()[i]).toArray();
        C shared = shared(images, step);
        List<Future<Piece>> running = new ArrayList<>();
        for (int from = 0; from < images.length; from += training.piece()) {
            int[] some = Arrays.copyOfRange(images, from, Math.min(images.length, from + training.piece()));
            int index = from / training.piece();
            running.add(crew.submit(() -> piece(shared, some, index, step, images.length)));
        }
        double loss = 0;
        for (Future<Piece> each : running) {
            try (Piece piece = TorchCrew.result(each)) {
                loss += piece.loss();
                add(piece);
            }
        }
        optimizer.step(step + 1, training.rate(step, training.steps(parts.training().length)), crew);
        afterStep();
        imagesSeen += images.length;
        return loss;
    }

    /** The gradients of a piece, by parameter, and its part of the loss. */
    private record Piece(double loss, Map<String, Tensor> gradients) implements AutoCloseable {
        @Override
        public void close() {
            gradients.values().forEach(Tensor::close);
        }
    }

    private Piece piece(C shared, int[] images, int index, long step, int batch) {
        try (var scope = TorchScope.open()) {
            Map<String, Tensor> leaves = leaves();
            double share = images.length / (double) batch;
            Tensor loss = loss(leaves, shared, images, index, step).mul(new Scalar(share));
            loss.backward();
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            leaves.forEach((name, leaf) -> gradients.put(name, TorchScope.hold(leaf.grad())));
            return new Piece(loss.item_double(), gradients);
        }
    }

    private Map<String, Tensor> leaves() {
        Map<String, Tensor> leaves = new LinkedHashMap<>();
        parameters.forEach(
                (name, parameter) -> leaves.put(name, parameter.detach().set_requires_grad(true)));
        return leaves;
    }

    private void add(Piece piece) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            piece.gradients().forEach((name, gradient) -> {
                Tensor parameter = Objects.requireNonNull(parameters.get(name));
                parameter.mutable_grad().add_(gradient);
            });
        }
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
        crew.close();
        optimizer.close();
        parameters.values().forEach(Tensor::close);
    }
}
