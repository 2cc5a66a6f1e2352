package dev.lapidary.contrast;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Steps of AdamW on the contrastive loss: each piece compares its images with all captions of the batch. */
final class ContrastiveTrainer extends PieceTrainer<Batch> {
    /** R-precision of held-out images: of the k captions that are most similar, the share that is their own; k is how many they have. */
    static final String PRECISION = "precision";

    private static final double MOST_SCALE = 100; // of cosines, as CLIP's
    private static final int VALIDATED = 2048; // images at most

    private final ImageTextPairs pairs;
    private final ContrastiveSettings settings;
    private final Augmentation augmentation;
    private final NormalisationStatistics statistics;

    ContrastiveTrainer(ImageTextPairs pairs, Parts parts, float[][] table, ContrastiveSettings settings) {
        super(settings.training(), pairs.pixels(), parts, table, fresh(pairs, settings));
        this.pairs = pairs;
        this.settings = settings;
        augmentation = settings.training().augmentation();
        statistics = new NormalisationStatistics(
                settings.network(), settings.training().pieces());
    }

    private static Map<String, Tensor> fresh(ImageTextPairs pairs, ContrastiveSettings settings) {
        Torch.load();
        return FreshEncoder.of(
                settings.network(),
                pairs.embeddings().width(),
                settings.training().seed());
    }

    @Override
    Batch shared(int[] images, long step) {
        return Batch.of(pairs, images, augmentation, step);
    }

    @Override
    Tensor loss(Map<String, Tensor> leaves, Batch batch, int[] images, int index, long step) {
        Tensor pixels = pixels(
                images, image -> augmentation.view(step, image, pairs.pixels().side()));
        var network = TorchNetwork.training(
                leaves, statistics, index, settings.training().products());
        Tensor logits = logits(leaves, network.embed(settings.network(), pixels), batch.embeddings());
        return new ContrastiveLoss(batch.own(pairs, images)).of(logits);
    }

    /** Cosines times the learned scale, [images, captions]. */
    private static Tensor logits(Map<String, Tensor> leaves, Tensor images, Tensor captions) {
        Tensor projection = Objects.requireNonNull(leaves.get(FreshEncoder.TEXT_PROJECTION));
        Tensor scale = Objects.requireNonNull(leaves.get(FreshEncoder.LOGIT_SCALE));
        Tensor texts = TorchNetwork.unit(captions.matmul(projection));
        return images.matmul(texts.t()).mul(scale.exp());
    }

    @Override
    void afterStep() {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor scale = Objects.requireNonNull(parameters().get(FreshEncoder.LOGIT_SCALE));
            scale.clamp_(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(Math.log(MOST_SCALE))));
        }
    }

    @Override
    public Map<String, Double> validate(long step) {
        int[] images = heldOut(VALIDATED);
        Batch batch = Batch.of(pairs, images, augmentation, 0);
        return Map.of(PRECISION, mean(images, some -> precision(batch, some)));
    }

    /** The sum of the images' R-precision among all captions of a batch. */
    private double precision(Batch batch, int[] images) {
        var network = TorchNetwork.trained(parameters(), statistics);
        Tensor embedded = network.embed(settings.network(), pixels(images, image -> Augmentation.View.PLAIN));
        float[] scores = Tensors.toFloats(logits(parameters(), embedded, batch.embeddings()));
        boolean[][] own = batch.own(pairs, images);
        int captions = batch.captions().length;
        double sum = 0;
        for (int i = 0; i < images.length; i++) {
            sum += precision(own[i], Arrays.copyOfRange(scores, i * captions, (i + 1) * captions));
        }
        return sum;
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
        List<TensorView> state = new ArrayList<>(super.state());
        state.add(statistics.state());
        return state;
    }

    @Override
    public void restore(SavedState saved) {
        super.restore(saved);
        statistics.restore(saved);
    }

    /** The image network's weights as they are now, with every normalisation folded into its convolution. */
    FoldedWeights weights() {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            return FoldedWeights.of(settings.network(), parameters(), statistics);
        }
    }

    /** How texts come into the space of the images, as it is now. */
    TextSide text() {
        return new TextSide(
                Tensors.toFloats(Objects.requireNonNull(parameters().get(FreshEncoder.TEXT_PROJECTION))),
                Objects.requireNonNull(parameters().get(FreshEncoder.LOGIT_SCALE))
                        .item_float());
    }

    @Override
    public void close() {
        super.close();
        statistics.close();
    }
}
