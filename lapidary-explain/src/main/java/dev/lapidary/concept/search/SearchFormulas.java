package dev.lapidary.concept.search;

import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;

/**
 * The definitions of Concept Matrix Search in float64, one item at a time.
 *
 * <p>Explanations are calculated with them, and the fast path is tested against them. v [M] and t [M] are the concept
 * similarities of an item and of a class after normalisation.
 */
final class SearchFormulas {
    /** What the published row normalisation adds to a sum before dividing by it. */
    static final double ROW_EPSILON = 1e-8;

    private SearchFormulas() {}

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Returns a vector of length 1 in the same direction; zeros stay zeros. */
    static double[] unit(double[] vector) {
        double length = Math.sqrt(dot(vector, vector));
        double[] unit = new double[vector.length];
        for (int i = 0; i < vector.length && length > 0; i++) {
            unit[i] = vector[i] / length;
        }
        return unit;
    }

    /** Divides similarities [M] by their sum. */
    static double[] dividedBySum(double[] row) {
        double sum = mean(row) * row.length + ROW_EPSILON;
        double[] divided = new double[row.length];
        for (int m = 0; m < row.length; m++) {
            divided[m] = row[m] / sum;
        }
        return divided;
    }

    /** Splits the score of an item for a class over the concepts, [M]; the parts sum to the score. */
    static double[] contributions(double[] v, double[] t, Rule rule) {
        double[] parts = new double[v.length];
        if (rule == Rule.MAX) {
            int nearest = argmax(v);
            parts[nearest] = t[nearest];
            return parts;
        }
        double[] a = rule == Rule.CUBED ? cubed(v) : v;
        double[] b = rule == Rule.CUBED ? cubed(t) : t;
        double lengths = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
        for (int m = 0; m < parts.length && lengths > 0; m++) {
            parts[m] = a[m] * b[m] / lengths;
        }
        return parts;
    }

    /** Returns the score of an item for a class: a cosine, or for {@link Rule#MAX} the class's similarity to the nearest concept. */
    static double score(double[] v, double[] t, Rule rule) {
        double sum = 0;
        for (double part : contributions(v, t, rule)) {
            sum += part;
        }
        return sum;
    }

    /** Cubes a vector divided by its largest magnitude: cosines do not see the scale, and no power over- or underflows. */
    static double[] cubed(double[] vector) {
        double largest = 0;
        for (double value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        double[] cubed = new double[vector.length];
        for (int m = 0; m < vector.length && largest > 0; m++) {
            double value = vector[m] / largest;
            cubed[m] = value * value * value;
        }
        return cubed;
    }

    /** Returns the index of the first largest value. */
    static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
