package dev.lapidary.systems.sparsecbm;

import dev.lapidary.concept.bottleneck.BottleneckLosses;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.relax.GumbelSoftmax;
import dev.lapidary.relax.Noise;
import dev.lapidary.systems.Identity;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What holds whatever the seed: the losses against values worked out by hand, and what the search's rules cannot see. */
final class SparseCbmIdentities {
    private static final double[][] SQUARE = {
        {2.176, -2.511, -2.386, 1.413},
        {-1.017, -0.619, 3.907, -0.718},
        {2.989, -0.674, 0.773, -4.186},
        {0.144, -0.954, -2.71, -1.156}
    };
    private static final double[][] LOGITS = {
        {-0.266, 0.603, 1.739, -1.0}, {0.048, 0.656, -2.02, 2.138}, {-2.247, 0.252, -3.84, -1.734}
    };
    private static final double[][] OVER_ITEMS = {
        {0.285, 0.126, 0.887, 0.769}, {0.077, 0.845, 0.142, 0.509}, {0.071, 0.322, 0.635, 0.125}
    };
    private static final double[][] OVER_CONCEPTS = {
        {0.664, 0.774, 0.119, 0.236}, {0.137, 0.349, 0.958, 0.846}, {0.642, 0.703, 0.233, 0.715}
    };
    private static final int DRAWS = 1 << 16;

    private SparseCbmIdentities() {}

    static List<Identity> all() {
        return List.of(
                new Identity("the contrastive loss of a 4 x 4 matrix", 1e-9, SparseCbmIdentities::contrastive),
                new Identity("the published Gumbel loss at temperature 1", 1e-9, SparseCbmIdentities::gumbel),
                new Identity("the l1 loss of a layer", 1e-12, SparseCbmIdentities::l1),
                new Identity(
                        "gates open as often as their log odds say (4.5 standard errors)",
                        4.5,
                        SparseCbmIdentities::frequency),
                new Identity(
                        "dividing rows with positive sums changes no prediction of the cosine rule",
                        0,
                        SparseCbmIdentities::rowDivision));
    }

    private static double contrastive() {
        try (var scope = TorchScope.open()) {
            return Math.abs(BottleneckLosses.contrastive(Tensors.of(SQUARE)).item_double() - 2.1621926340451143);
        }
    }

    private static double gumbel() {
        try (var scope = TorchScope.open()) {
            Tensor loss =
                    BottleneckLosses.gumbel(Tensors.of(LOGITS), noise(OVER_ITEMS), noise(OVER_CONCEPTS), 1);
            return Math.abs(loss.item_double() - 2.5369302672492764);
        }
    }

    private static Tensor noise(double[][] uniform) {
        return Noise.gumbelOf(Tensors.of(uniform));
    }

    private static double l1() {
        try (var scope = TorchScope.open()) {
            Tensor layer = Tensors.of(new double[][] {{1.5, -0.5}, {0, 2}});
            return Math.abs(BottleneckLosses.l1(layer, 0.1).item_double() - 0.1 * 4 / 2);
        }
    }

    /** The largest distance of a share of open gates from its probability, in standard errors. */
    private static double frequency() {
        double worst = 0;
        try (var scope = TorchScope.open()) {
            for (double odds : new double[] {-2, 0, 1}) {
                Tensor logits = torch.stack(
                        new TensorVector(
                                torch.full(new long[] {DRAWS}, new Scalar(odds)),
                                torch.zeros(DRAWS)),
                        -1);
                double share = GumbelSoftmax.hard(1, -1)
                        .sample(logits, new CounterNoise(1, 0), 0)
                        .select(-1, 0)
                        .mean()
                        .item_double();
                double expected = 1 / (1 + Math.exp(-odds));
                worst = Math.max(
                        worst, Math.abs(share - expected) / Math.sqrt(expected * (1 - expected) / DRAWS));
            }
        }
        return worst;
    }

    /** How many of 50 predictions differ between no division and division by rows. */
    private static double rowDivision() {
        SplittableRandom random = new SplittableRandom(7);
        try (EmbeddingMatrix concepts = EmbeddingMatrix.of(positive(random, 6));
                EmbeddingMatrix classes = EmbeddingMatrix.of(positive(random, 3));
                EmbeddingMatrix items = EmbeddingMatrix.of(positive(random, 50))) {
            var search =
                    ConceptMatrixSearch.fit(concepts, classes, null, null, ConceptMatrixSearch.UNGUARDED);
            int[] plain = search.classify(items, null, new Variant(Normalisation.NONE, Rule.COSINE))
                    .predictions();
            int[] divided = search.classify(items, null, new Variant(Normalisation.ROW, Rule.COSINE))
                    .predictions();
            int different = 0;
            for (int i = 0; i < plain.length; i++) {
                different += plain[i] == divided[i] ? 0 : 1;
            }
            return different;
        }
    }

    private static float[][] positive(SplittableRandom random, int count) {
        float[][] rows = new float[count][8];
        for (float[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                row[j] = (float) random.nextDouble(0.1, 1);
            }
        }
        return rows;
    }
}
