package dev.lapidary.concept.bottleneck;

/**
 * Learned gates that let a concept speak for an item only where its score is high enough; closed gates are exactly zero.
 *
 * <p>Gate of concept m for standardised score s: clamp(σ(slope_m·s + offset_m)·(ζ − γ) + γ, 0, 1) with γ = −0.1, ζ = 1.1, the
 * deterministic hard concrete gate. It sees only its own concept's score, so nothing leaks through the gates from other concepts.
 * Shapes, float64: slope [M], offset [M].
 *
 * @see <a href="https://arxiv.org/abs/1712.01312">Louizos et al. 2018, Learning sparse neural networks through L0 regularization</a>
 */
public final class ConceptGates {
    static final double LOW = -0.1;
    static final double HIGH = 1.1;

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
        double open = 1 / (1 + Math.exp(-(slope[concept] * score + offset[concept])));
        return Math.min(1, Math.max(0, open * (HIGH - LOW) + LOW));
    }

    /** What passes: gate times score. */
    public double pass(int concept, double score) {
        return gate(concept, score) * score;
    }

    double[] slope() {
        return slope.clone();
    }

    double[] offset() {
        return offset.clone();
    }
}
