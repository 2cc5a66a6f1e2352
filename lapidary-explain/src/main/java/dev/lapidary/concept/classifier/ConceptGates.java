package dev.lapidary.concept.classifier;

/**
 * Learned gates that let a concept speak for an item only where its score is high enough; closed gates are exactly zero.
 *
 * <p>Gate of concept m for standardised score s: the hard concrete gate after training, σ(slope_m·s + offset_m)
 * stretched to (−0.1, 1.1) and clamped to [0, 1]. It sees only its own concept's score, so nothing leaks through the gates from other concepts.
 * Shapes, float64: slope [M], offset [M].
 *
 * @see <a href="https://arxiv.org/abs/1712.01312">Louizos et al. 2018, Learning sparse neural networks through L0 regularization</a>
 */
public final class ConceptGates {
    private static final double GAMMA = -0.1; // where the stretch begins
    private static final double ZETA = 1.1; // where it ends

    private final double[] slope; // [M]
    private final double[] offset; // [M]

    /** Creates gates from slopes [M] and offsets [M]. */
    public ConceptGates(double[] slope, double[] offset) {
        if (slope.length != offset.length) {
            throw new IllegalArgumentException(
                    "slope and offset must be as many; got " + slope.length + " and " + offset.length);
        }
        this.slope = slope.clone();
        this.offset = offset.clone();
    }

    /** The gate of a concept at a standardised score, in [0, 1]. */
    public double gate(int concept, double score) {
        double sigmoid = 1 / (1 + Math.exp(-(slope[concept] * score + offset[concept])));
        return Math.clamp(sigmoid * (ZETA - GAMMA) + GAMMA, 0, 1);
    }

    /** What passes: gate times score. */
    public double pass(int concept, double score) {
        return gate(concept, score) * score;
    }

    /** Returns the slopes, a copy [M]. */
    public double[] slope() {
        return slope.clone();
    }

    /** Returns the offsets, a copy [M]. */
    public double[] offset() {
        return offset.clone();
    }
}
