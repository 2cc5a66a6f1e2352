package dev.lapidary.concept.bottleneck;

import dev.lapidary.relax.HardConcrete;

/**
 * Learned gates that let a concept speak for an item only where its score is high enough; closed gates are exactly zero.
 *
 * <p>Gate of concept m for standardised score s: the {@link HardConcrete#standard} gate after training, with log α = slope_m·s +
 * offset_m. It sees only its own concept's score, so nothing leaks through the gates from other concepts.
 * Shapes, float64: slope [M], offset [M].
 *
 * @see <a href="https://arxiv.org/abs/1712.01312">Louizos et al. 2018, Learning sparse neural networks through L0 regularization</a>
 */
public final class ConceptGates {
    static final HardConcrete FORM = HardConcrete.standard();

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
        return FORM.gate(slope[concept] * score + offset[concept]);
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
