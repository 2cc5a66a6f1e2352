package dev.lapidary.contrast;

import dev.lapidary.concept.bottleneck.BottleneckLosses;
import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.relax.Noise;
import dev.lapidary.runtime.kernel.CounterNoise;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Steps of AdamW on the published joint loss of a bottleneck, with adapters in the image network: scores S, the logit scale times the
 * cosines of images and concepts; bottleneck scores c = S·Wᵀ; logits c·Hᵀ; cross-entropy of the logits and a loss on c or W.
 */
final class AdapterTrainer extends PieceTrainer<int[]> {
    /** Share of held-out images whose class is right. */
    static final String ACCURACY = "accuracy";

    private static final String LAYER = "bottleneck.layer";
    private static final String HEAD = "bottleneck.head";
    private static final int VALIDATED = 4096; // images at most
    private static final long ITEMS = 1; // streams of noise
    private static final long CONCEPTS = 2;

    private final NetworkShape shape;
    private final AdaptedNetwork.Frozen frozen;
    private final LabelledImages images;
    private final Tensor concepts; // [d, M], scaled
    private final LowRankAdapters adapters;
    private final AdapterSettings settings;
    private final Augmentation augmentation;
    private final CounterNoise itemNoise;
    private final CounterNoise conceptNoise;

    /** What is adapted: the network, the number that each byte of each colour becomes, and concepts [d, M], scaled. */
    record Task(NetworkShape shape, AdaptedNetwork.Frozen frozen, float[][] table, Tensor concepts) {}

    AdapterTrainer(Task task, LabelledImages images, Parts parts, AdapterSettings settings) {
        super(settings.training(), images.pixels(), parts, task.table(), fresh(task, images, settings));
        this.shape = task.shape();
        this.frozen = task.frozen();
        this.concepts = task.concepts();
        this.images = images;
        this.settings = settings;
        adapters = adapters(settings);
        augmentation = settings.training().augmentation();
        itemNoise = new CounterNoise(settings.training().seed(), ITEMS);
        conceptNoise = new CounterNoise(settings.training().seed(), CONCEPTS);
    }

    private static LowRankAdapters adapters(AdapterSettings settings) {
        return new LowRankAdapters(settings.where(), settings.rank(), settings.alpha() / settings.rank());
    }

    /** Adapters, and layer and head uniform within 1 / √M. */
    private static Map<String, Tensor> fresh(Task task, LabelledImages images, AdapterSettings settings) {
        FreshParameters fresh = new FreshParameters(settings.training().seed());
        adapters(settings).fresh(task.shape(), fresh);
        long m = task.concepts().size(1);
        fresh.uniform(LAYER, 1 / Math.sqrt(m), m, m);
        fresh.uniform(HEAD, 1 / Math.sqrt(m), images.classes().size(), m);
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
        Tensor layer = Objects.requireNonNull(leaves.get(LAYER));
        Tensor c = bottleneck(leaves, pixels, settings.training().products());
        long[] labels = Arrays.stream(piece).mapToLong(images::label).toArray();
        Tensor crossEntropy = torch.cross_entropy_loss(logits(leaves, c), Tensors.of(labels, labels.length));
        long draw = step * settings.training().pieces() + index;
        return crossEntropy.add(layerLoss(c, layer, draw));
    }

    private Tensor layerLoss(Tensor c, Tensor layer, long draw) {
        return switch (settings.loss()) {
            case L1 -> BottleneckLosses.l1(layer, settings.lambda());
            case CONTRASTIVE -> BottleneckLosses.contrastive(c);
            case SPARSE ->
                BottleneckLosses.gumbel(
                        c,
                        Noise.gumbel(itemNoise, draw, c.size(0), c.size(1)),
                        Noise.gumbel(conceptNoise, draw, c.size(0), c.size(1)),
                        1);
        };
    }

    /** The bottleneck's scores [images, M]. */
    private Tensor bottleneck(Map<String, Tensor> parameters, Tensor pixels, Products products) {
        Tensor scores = network(parameters, products).embed(shape, pixels).matmul(concepts);
        return torch.linear(scores, Objects.requireNonNull(parameters.get(LAYER)));
    }

    /** The logits of the classes [images, classes]. */
    private static Tensor logits(Map<String, Tensor> parameters, Tensor c) {
        return torch.linear(c, Objects.requireNonNull(parameters.get(HEAD)));
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
        Tensor c = bottleneck(parameters(), pixels(piece, image -> Augmentation.View.PLAIN), Products.F32);
        long[] named = Tensors.toLongs(logits(parameters(), c).argmax(new LongOptional(1), false));
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
