package dev.lapidary.systems.sparsecbm;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What shapes a concept bottleneck layer beside the cross-entropy of the classes.
 *
 * <p>Scores s of an item against M concepts, layer W [M, M] from the identity, head H [K, M] and bias b: classes get H·(g ⊙ W·(g ⊙ s)) + b.
 * Gates g are 1 in all forms but two. W and H decay as AdamW has it. Every form has as many settings to choose from: the dense ones six
 * decays, the others three decays with two strengths each.
 */
enum BottleneckForm {
    /** Nothing but decay. */
    DENSE,
    /** Soft thresholds of W after each step, by strength times the learning rate: the l1 loss, with exact zeros. */
    L1(0.1, 1),
    /** The published contrastive loss on the layer's activations W·s, times the strength. */
    CONTRASTIVE(0.003, 0.1),
    /** The published Gumbel loss on the layer's activations W·s, times the strength: it smooths and makes nothing sparse. */
    GUMBEL_LOSS(1, 100),
    /**
     * Each concept has a gate, open or closed by straight-through Gumbel-Softmax, that takes it out of the layer on both sides; the expected
     * share of open gates, times the strength, is added to the loss.
     */
    GATES(0.3, 1),
    /** As {@link #GATES}, with no gradient to the gates, which stay as they begin, and so without a price. */
    CUT_GATES,
    /** Head and bias only, on whatever the scores are. */
    PROBE;

    /** Decays where nothing else is chosen. */
    private static final List<Double> SIX = List.of(0.0, 0.3, 1.0, 10.0, 30.0, 100.0);

    private static final List<Double> THREE = List.of(1.0, 10.0, 100.0);

    private final double[] strengths;

    BottleneckForm(double... strengths) {
        this.strengths = strengths;
    }

    /**
     * One setting that is tried.
     *
     * @param decay weight decay of W and H
     * @param strength of what shapes the layer, 0 where nothing does
     */
    record Tried(double decay, double strength) {
        @Override
        public String toString() {
            return "decay " + decay + ", strength " + strength;
        }
    }

    /** Returns the settings that are tried. */
    List<Tried> tried() {
        if (strengths.length == 0) {
            return SIX.stream().map(decay -> new Tried(decay, 0)).toList();
        }
        return THREE.stream().flatMap(this::strengths).toList();
    }

    private Stream<Tried> strengths(double decay) {
        return Arrays.stream(strengths).mapToObj(strength -> new Tried(decay, strength));
    }

    boolean gated() {
        return this == GATES || this == CUT_GATES;
    }
}
