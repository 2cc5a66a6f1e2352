package dev.lapidary.systems.sparsecbm;

/**
 * What shapes a concept bottleneck layer beside the cross-entropy of the classes, each with as many strengths to choose from.
 *
 * <p>Scores s of an item against M concepts, layer W [M, M] from the identity, head H [K, M] and bias b: classes get H·(g ⊙ W·(g ⊙ s)) + b.
 * Gates g are 1 in all forms but two.
 */
enum BottleneckForm {
    /** Nothing; the strength is that of AdamW's weight decay of W and H. */
    DENSE(0, 1, 10, 100),
    /** Soft thresholds of W after each step, by strength times the learning rate: the l1 loss, with exact zeros. */
    L1(0.1, 0.3, 1, 3),
    /** The published contrastive loss on the layer's activations W·s, times the strength. */
    CONTRASTIVE(0.003, 0.03, 0.3, 3),
    /** The published Gumbel loss on the layer's activations W·s, times the strength: it smooths and makes nothing sparse. */
    GUMBEL_LOSS(1, 10, 100, 1000),
    /**
     * Each concept has a gate, open or closed by straight-through Gumbel-Softmax, that takes it out of the layer on both sides; the expected
     * share of open gates, times the strength, is added to the loss.
     */
    GATES(0.1, 0.3, 1, 3),
    /** As {@link #GATES}, with no gradient to the gates, which stay as they begin, and so without a price. */
    CUT_GATES(0),
    /** Head and bias only, on whatever the scores are; the strength is that of AdamW's weight decay. */
    PROBE(0, 1, 10, 100);

    private final double[] strengths;

    BottleneckForm(double... strengths) {
        this.strengths = strengths;
    }

    /** Returns the strengths that are tried. */
    double[] strengths() {
        return strengths.clone();
    }

    boolean gated() {
        return this == GATES || this == CUT_GATES;
    }

    /** Returns AdamW's weight decay. */
    double decay(double strength) {
        return this == DENSE || this == PROBE ? strength : 0;
    }
}
