package dev.lapidary.contrast;

import dev.lapidary.runtime.file.TensorView;
import dev.lapidary.torch.FlatAdamW;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps of AdamW on the contrastive loss.
 *
 * <p>A step's batch is cut into pieces. Each piece compares its images with all captions of the batch, on one core, with gradients
 * of its own; they are added in the order of the pieces. So any number of threads gives the same bytes.
 */
final class ContrastiveTrainer implements Trainable, AutoCloseable {
    /** R-precision of held-out images: of the k captions that are most similar, the share that is their own; k is how many they have. */
    static final String PRECISION = "precision";

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;
    private static final double NUMERICAL = 1e-8;
    private static final double MOST_NORM = 5;
    private static final double WARM_UP = 0.05; // of the steps
    private static final double MOST_SCALE = 100; // of cosines, as CLIP's
    private static final int VALIDATED = 2048; // images at most
    private static final int VALIDATION_PIECE = 128;

    private final ImageTextPairs pairs;
    private final ContrastiveSettings settings;
    private final int[] training; // images
    private final int[] heldOut; // images
    private final EpochOrder order;
    private final float[][] table;
    private final Augmentation augmentation;
    private final Map<String, Tensor> parameters;
    private final NormalisationStatistics statistics;
    private final FlatAdamW optimizer;
    private final TorchCrew crew;
    private long imagesSeen;

    ContrastiveTrainer(
            ImageTextPairs pairs, int[] training, int[] heldOut, float[][] table, ContrastiveSettings settings) {
        this.pairs = pairs;
        this.settings = settings;
        this.training = training;
        this.heldOut = heldOut;
        this.table = table;
        Torch.load();
        order = new EpochOrder(settings.seed(), training.length, settings.batch());
        augmentation = new Augmentation(settings.mirror(), settings.seed());
        parameters = FreshEncoder.of(settings.network(), pairs.embeddings().width(), settings.seed());
        statistics = new NormalisationStatistics(settings.network(), Math.ceilDiv(settings.batch(), settings.piece()));
        optimizer = new FlatAdamW(
                parameters.values(),
                new FlatAdamW.Settings(BETA1, BETA2, NUMERICAL, settings.weightDecay(), MOST_NORM));
        crew = new TorchCrew(Torch.threads());
    }

    /** Steps of all epochs. */
    static long steps(int training, ContrastiveSettings settings) {
        return settings.epochs() * (long) Math.ceilDiv(training, settings.batch());
    }

    long imagesSeen() {
        return imagesSeen;
    }

    @Override
    public double step(long step) {
        int[] batch = order.batch(step);
        Batch texts = Batch.of(pairs, images(batch), augmentation, step);
        List<Future<Piece>> running = new ArrayList<>();
        for (int from = 0; from < batch.length; from += settings.piece()) {
            int[] some = Arrays.copyOfRange(texts.images(), from, Math.min(batch.length, from + settings.piece()));
            int index = from / settings.piece();
            running.add(crew.submit(() -> piece(texts, some, index, step)));
        }
        double loss = 0;
        for (Future<Piece> each : running) {
            try (Piece piece = TorchCrew.result(each)) {
                loss += piece.loss();
                add(piece);
            }
        }
        optimizer.step(step + 1, rate(step), crew);
        boundScale();
        imagesSeen += batch.length;
        return loss;
    }

    private int[] images(int[] batch) {
        return Arrays.stream(batch).map(i -> training[i]).toArray();
    }

    /** The gradients of a piece, by parameter, and its part of the loss. */
    private record Piece(double loss, Map<String, Tensor> gradients) implements AutoCloseable {
        @Override
        public void close() {
            gradients.values().forEach(Tensor::close);
        }
    }

    private Piece piece(Batch batch, int[] images, int index, long step) {
        try (var scope = TorchScope.open()) {
            Map<String, Tensor> leaves = leaves();
            Tensor pixels = pixels(
                    images,
                    image -> augmentation.view(step, image, pairs.pixels().side()));
            var network = TorchNetwork.training(leaves, statistics, index, settings.products());
            Tensor logits = logits(leaves, network.embed(settings.network(), pixels), batch.embeddings());
            double share = images.length / (double) batch.images().length;
            Tensor loss =
                    new ContrastiveLoss(batch.own(pairs, images)).of(logits).mul(new Scalar(share));
            loss.backward();
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            leaves.forEach((name, leaf) -> gradients.put(name, TorchScope.hold(leaf.grad())));
            return new Piece(loss.item_double(), gradients);
        }
    }

    /** The parameters' values as leaves of a graph of its own. */
    private Map<String, Tensor> leaves() {
        Map<String, Tensor> leaves = new LinkedHashMap<>();
        parameters.forEach(
                (name, parameter) -> leaves.put(name, parameter.detach().set_requires_grad(true)));
        return leaves;
    }

    /** Cosines times the learned scale, [images, captions]. */
    private static Tensor logits(Map<String, Tensor> leaves, Tensor images, Tensor captions) {
        Tensor projection = Objects.requireNonNull(leaves.get(FreshEncoder.TEXT_PROJECTION));
        Tensor scale = Objects.requireNonNull(leaves.get(FreshEncoder.LOGIT_SCALE));
        Tensor texts = TorchNetwork.unit(captions.matmul(projection));
        return images.matmul(texts.t()).mul(scale.exp());
    }

    /** How an image is shown. */
    @FunctionalInterface
    private interface Views {
        Augmentation.View of(int image);
    }

    /** Pixels [images, 3, side, side], channels last in memory. */
    private Tensor pixels(int[] images, Views views) {
        Pixels source = pairs.pixels();
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

    private void add(Piece piece) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            piece.gradients().forEach((name, gradient) -> {
                Tensor parameter = Objects.requireNonNull(parameters.get(name));
                parameter.mutable_grad().add_(gradient);
            });
        }
    }

    private void boundScale() {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor scale = Objects.requireNonNull(parameters.get(FreshEncoder.LOGIT_SCALE));
            scale.clamp_(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(Math.log(MOST_SCALE))));
        }
    }

    private double rate(long step) {
        double steps = steps(training.length, settings);
        double rise = Math.max(1, Math.round(WARM_UP * steps));
        if (step < rise) {
            return settings.learningRate() * (step + 1) / rise;
        }
        double progress = (step - rise) / Math.max(1, steps - rise);
        return settings.learningRate() * 0.5 * (1 + Math.cos(Math.PI * progress));
    }

    @Override
    public Map<String, Double> validate(long step) {
        int[] images = Arrays.copyOf(heldOut, Math.min(heldOut.length, VALIDATED));
        Batch batch = Batch.of(pairs, images, augmentation, 0);
        List<Future<Double>> running = new ArrayList<>();
        for (int from = 0; from < images.length; from += VALIDATION_PIECE) {
            int[] some = Arrays.copyOfRange(images, from, Math.min(images.length, from + VALIDATION_PIECE));
            running.add(crew.submit(() -> precision(batch, some)));
        }
        double sum = 0;
        for (Future<Double> each : running) {
            sum += TorchCrew.result(each);
        }
        return Map.of(PRECISION, sum / images.length);
    }

    /** The sum of the images' R-precision among all captions of a batch. */
    private double precision(Batch batch, int[] images) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            var network = TorchNetwork.trained(parameters, statistics);
            Tensor embedded = network.embed(settings.network(), pixels(images, image -> Augmentation.View.PLAIN));
            float[] scores = Tensors.toFloats(logits(parameters, embedded, batch.embeddings()));
            boolean[][] own = batch.own(pairs, images);
            int captions = batch.captions().length;
            double sum = 0;
            for (int i = 0; i < images.length; i++) {
                sum += precision(own[i], Arrays.copyOfRange(scores, i * captions, (i + 1) * captions));
            }
            return sum;
        }
    }

    private static double precision(boolean[] own, float[] scores) {
        int count = 0;
        for (boolean each : own) {
            count += each ? 1 : 0;
        }
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        float least = sorted[sorted.length - count];
        int found = 0;
        for (int j = 0; j < own.length; j++) {
            found += own[j] && scores[j] >= least ? 1 : 0;
        }
        return found / (double) count;
    }

    @Override
    public List<TensorView> state() {
        List<TensorView> state = new ArrayList<>(optimizer.state());
        state.add(statistics.state());
        return state;
    }

    @Override
    public void restore(SavedState saved) {
        optimizer.restore(saved);
        statistics.restore(saved);
    }

    @Override
    public OptionalLong epoch(long step) {
        return OptionalLong.of(order.epoch(step));
    }

    /** The weights as they are now, with every normalisation folded into its convolution. */
    FoldedWeights weights() {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            return FoldedWeights.of(settings.network(), parameters, statistics);
        }
    }

    @Override
    public void close() {
        crew.close();
        optimizer.close();
        statistics.close();
        parameters.values().forEach(Tensor::close);
    }
}
