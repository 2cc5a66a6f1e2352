package dev.lapidary.concept.adapt;

import dev.lapidary.concept.bottleneck.BottleneckLosses;
import dev.lapidary.contrast.AdapterObjective;
import dev.lapidary.contrast.FreshParameters;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.relax.Noise;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.torch.Tensors;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The published joint loss of a bottleneck on the scores S of images and concepts: bottleneck scores c = S·Wᵀ, logits c·Hᵀ;
 * cross-entropy of the logits and a loss on c or W.
 *
 * <p>Shapes: S and c [B, M], W [M, M], H [K, M], all float32. A loss that couples the images of a batch couples those of a piece.
 *
 * @param loss on the bottleneck's scores, beside the cross-entropy of the head
 * @param lambda strength of {@link Loss#L1}, unitless
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public record BottleneckObjective(
        @Setting(
                noted = true,
                label = "ID",
                help = "On the bottleneck's scores: sparse, l1 or contrastive, as published.")
        Loss loss,

        @Setting(noted = true, help = "Strength of l1.") double lambda)
        implements AdapterObjective {
    private static final String LAYER = "bottleneck.layer";
    private static final String HEAD = "bottleneck.head";
    private static final long ITEMS = 1; // streams of noise
    private static final long CONCEPTS = 2;

    /** The loss on the bottleneck's scores. */
    public enum Loss {
        /** Of Sparse-CBM: {@link BottleneckLosses#gumbel} at temperature 1. */
        SPARSE,
        /** {@link BottleneckLosses#l1}. */
        L1,
        /** {@link BottleneckLosses#contrastive}. */
        CONTRASTIVE;

        /** Returns the name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Checks the strength. */
    public BottleneckObjective {
        if (!(lambda >= 0 && lambda <= 1000)) {
            throw new InputException("lambda must be from 0 to 1000; got " + lambda);
        }
    }

    /** Returns the loss of Sparse-CBM. */
    public static BottleneckObjective defaults() {
        return new BottleneckObjective(Loss.SPARSE, 1e-3);
    }

    /** Layer and head uniform within 1 / √M. */
    @Override
    public void fresh(FreshParameters parameters, long concepts, int classes) {
        parameters.uniform(LAYER, 1 / Math.sqrt(concepts), concepts, concepts);
        parameters.uniform(HEAD, 1 / Math.sqrt(concepts), classes, concepts);
    }

    @Override
    public Tensor loss(Map<String, Tensor> parameters, Tensor scores, long[] labels, long seed, long draw) {
        Tensor c = bottleneck(parameters, scores);
        Tensor crossEntropy = torch.cross_entropy_loss(head(parameters, c), Tensors.of(labels, labels.length));
        return crossEntropy.add(layerLoss(parameters, c, seed, draw));
    }

    private Tensor layerLoss(Map<String, Tensor> parameters, Tensor c, long seed, long draw) {
        return switch (loss) {
            case L1 -> BottleneckLosses.l1(parameter(parameters, LAYER), lambda);
            case CONTRASTIVE -> BottleneckLosses.contrastive(c);
            case SPARSE ->
                BottleneckLosses.gumbel(
                        c,
                        Noise.gumbel(new CounterNoise(seed, ITEMS), draw, c.size(0), c.size(1)),
                        Noise.gumbel(new CounterNoise(seed, CONCEPTS), draw, c.size(0), c.size(1)),
                        1);
        };
    }

    @Override
    public Tensor logits(Map<String, Tensor> parameters, Tensor scores) {
        return head(parameters, bottleneck(parameters, scores));
    }

    /** The bottleneck's scores [images, M]. */
    private static Tensor bottleneck(Map<String, Tensor> parameters, Tensor scores) {
        return torch.linear(scores, parameter(parameters, LAYER));
    }

    private static Tensor head(Map<String, Tensor> parameters, Tensor c) {
        return torch.linear(c, parameter(parameters, HEAD));
    }

    private static Tensor parameter(Map<String, Tensor> parameters, String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }
}
