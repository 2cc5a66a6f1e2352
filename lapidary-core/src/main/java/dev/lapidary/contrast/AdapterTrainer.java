package dev.lapidary.contrast;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps of AdamW on the loss of an {@link AdapterObjective}, with adapters in the image network: the objective sees scores S, the logit
 * scale times the cosines of images and concepts.
 */
final class AdapterTrainer extends PieceTrainer<int[]> {
    /** Share of held-out images whose class is right. */
    static final String ACCURACY = "accuracy";

    private static final int VALIDATED = 4096; // images at most

    private final NetworkShape shape;
    private final AdaptedNetwork.Frozen frozen;
    private final LabelledImages images;
    private final Tensor concepts; // [d, M], scaled
    private final LowRankAdapters adapters;
    private final AdapterSettings settings;
    private final Augmentation augmentation;
    private final AdapterObjective objective;

    /** What is adapted: the network, the number that each byte of each colour becomes, and concepts [d, M], scaled; and to what. */
    record Task(
            NetworkShape shape,
            AdaptedNetwork.Frozen frozen,
            float[][] table,
            Tensor concepts,
            AdapterObjective objective) {}

    AdapterTrainer(Task task, LabelledImages images, Parts parts, AdapterSettings settings) {
        super(settings.training(), images.pixels(), parts, task.table(), fresh(task, images, settings));
        this.shape = task.shape();
        this.frozen = task.frozen();
        this.concepts = task.concepts();
        this.images = images;
        this.settings = settings;
        adapters = adapters(settings);
        augmentation = settings.training().augmentation();
        objective = task.objective();
    }

    private static LowRankAdapters adapters(AdapterSettings settings) {
        return new LowRankAdapters(settings.where(), settings.rank(), settings.alpha() / settings.rank());
    }

    /** Adapters, and what the objective has of its own. */
    private static Map<String, Tensor> fresh(Task task, LabelledImages images, AdapterSettings settings) {
        FreshParameters fresh = new FreshParameters(settings.training().seed());
        adapters(settings).fresh(task.shape(), fresh);
        task.objective().fresh(fresh, task.concepts().size(1), images.classes().size());
        return fresh.all();
    }

    @Override
    int[] shared(int[] batch, long step) {
        return batch;
    }

    @Override
    Tensor loss(Map<String, Tensor> leaves, int[] batch, int[] piece, int index, long step) {
        Tensor pixels = pixels(
                piece, image -> augmentation.view(step, image, images.pixels().side()));
        Tensor scores = scores(leaves, pixels, settings.training().products());
        long[] labels = Arrays.stream(piece).mapToLong(images::label).toArray();
        long draw = step * settings.training().pieces() + index;
        return objective.loss(leaves, scores, labels, settings.training().seed(), draw);
    }

    /** The scores S [images, M]. */
    private Tensor scores(Map<String, Tensor> parameters, Tensor pixels, Products products) {
        return network(parameters, products).embed(shape, pixels).matmul(concepts);
    }

    private AdaptedNetwork network(Map<String, Tensor> parameters, Products products) {
        return new AdaptedNetwork(frozen, adapters, parameters, products);
    }

    @Override
    public Map<String, Double> validate(long step) {
        return Map.of(ACCURACY, mean(heldOut(VALIDATED), this::right));
    }

    /** How many images of a piece get their class. */
    private int right(int[] piece) {
        Tensor scores = scores(parameters(), pixels(piece, image -> Augmentation.View.PLAIN), Products.F32);
        long[] named = Tensors.toLongs(objective.logits(parameters(), scores).argmax(new LongOptional(1), false));
        int right = 0;
        for (int i = 0; i < piece.length; i++) {
            right += named[i] == images.label(piece[i]) ? 1 : 0;
        }
        return right;
    }

    /** The weights with the adapters as they are now. */
    FoldedWeights merged(FoldedWeights before) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            return network(parameters(), Products.F32).merged(shape, before);
        }
    }

    /** Numbers of the adapters. */
    long size() {
        return LowRankAdapters.size(parameters());
    }
}
