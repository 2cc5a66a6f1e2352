package dev.lapidary.concept.classifier;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;

/**
 * The map from named concept scores to class logits, z = W s + b: the one place where a concept's influence is counted.
 *
 * <p>Where a bottleneck layer stands between scores and head, this is their product, so that a mixed score never bears a concept's
 * name. Shapes, float64: weights [K, M], bias [K]; scores [M] and logits [K] unitless. Immutable: arrays are copied in and out.
 */
public final class NamedMap {
    /** A weight of at most this magnitude counts as absent (VLG-CBM's threshold). */
    public static final double ABSENT = 1e-5;

    private final double[][] weights; // [K, M]
    private final double[] bias; // [K]

    /** Creates it from weights [K, M] and bias [K]. */
    public NamedMap(double[][] weights, double[] bias) {
        if (weights.length != bias.length || weights.length == 0) {
            throw new IllegalArgumentException(
                    "weights and bias must have one row per class; got " + weights.length + " and " + bias.length);
        }
        this.weights = copy(weights);
        this.bias = bias.clone();
    }

    /** Returns the map in which nothing decides yet: weights 0, bias 0. */
    public static NamedMap zero(int classes, int concepts) {
        return new NamedMap(new double[classes][concepts], new double[classes]);
    }

    /** Number of classes K. */
    public int classes() {
        return weights.length;
    }

    /** Number of concepts M. */
    public int concepts() {
        return weights[0].length;
    }

    /** Weight of a concept for a class. */
    public double weight(int classIndex, int concept) {
        return weights[classIndex][concept];
    }

    /** Bias of a class. */
    public double bias(int classIndex) {
        return bias[classIndex];
    }

    /** A copy of the weights [K, M]. */
    public double[][] weights() {
        return copy(weights);
    }

    /** A copy of the bias [K]. */
    public double[] bias() {
        return bias.clone();
    }

    /** Logits [K] of one item's scores [M]. */
    public double[] logits(double[] scores) {
        double[] z = bias.clone();
        for (int k = 0; k < z.length; k++) {
            for (int m = 0; m < scores.length; m++) {
                z[k] += weights[k][m] * scores[m];
            }
        }
        return z;
    }

    /** What each concept adds to a class's logit, [M]; with the bias they sum to the logit. */
    public double[] contributions(int classIndex, double[] scores) {
        double[] parts = new double[scores.length];
        for (int m = 0; m < parts.length; m++) {
            parts[m] = weights[classIndex][m] * scores[m];
        }
        return parts;
    }

    /** Number of weights that are present over all classes. */
    public int present() {
        int n = 0;
        for (double[] row : weights) {
            for (double w : row) {
                n += Math.abs(w) > ABSENT ? 1 : 0;
            }
        }
        return n;
    }

    /**
     * NEC, the number of effective concepts per class: present weights divided by classes.
     *
     * @see <a href="https://arxiv.org/abs/2408.01432">Srivastava et al., VLG-CBM, NeurIPS 2024</a>
     */
    public double nec() {
        return (double) present() / classes();
    }

    /** Whether a concept decides for any class. */
    public boolean uses(int concept) {
        for (double[] row : weights) {
            if (Math.abs(row[concept]) > ABSENT) {
                return true;
            }
        }
        return false;
    }

    /** Keeps the largest magnitudes over the whole map, at most nec times K of them (VLG-CBM's truncation). */
    public NamedMap truncatedTo(double nec) {
        if (!(nec >= 0)) {
            throw new InputException("nec must be at least 0; got " + nec);
        }
        int keep = (int) Math.floor(nec * classes() + 1e-9);
        double[][] kept = copy(weights);
        double[] sizes = Arrays.stream(kept)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .sorted()
                .toArray();
        if (keep >= sizes.length) {
            return this;
        }
        double threshold = keep == 0 ? Double.POSITIVE_INFINITY : sizes[sizes.length - keep];
        int left = keep;
        for (double[] row : kept) { // ties beyond the allowance go, first come first kept
            for (int m = 0; m < row.length; m++) {
                if (Math.abs(row[m]) >= threshold && left > 0 && row[m] != 0) {
                    left--;
                } else {
                    row[m] = 0;
                }
            }
        }
        return new NamedMap(kept, bias);
    }

    /** The same map with one weight changed. */
    public NamedMap withWeight(int classIndex, int concept, double value) {
        double[][] changed = copy(weights);
        changed[classIndex][concept] = value;
        return new NamedMap(changed, bias);
    }

    /** The same map in which a concept decides for no class. */
    public NamedMap without(int concept) {
        double[][] changed = copy(weights);
        for (double[] row : changed) {
            row[concept] = 0;
        }
        return new NamedMap(changed, bias);
    }

    private static double[][] copy(double[][] rows) {
        double[][] out = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            out[i] = rows[i].clone();
        }
        return out;
    }
}
