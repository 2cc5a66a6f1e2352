package dev.lapidary.concept.vocabulary;

import java.util.List;

/** Measures how similar two texts are, symmetrically: 1 for equal ones, towards 0 or below for unrelated ones (unitless). */
@FunctionalInterface
public interface TextSimilarity {
    /** Returns the similarity of every row text with every column text, float32 [R, C], row-major. */
    float[] between(List<String> rows, List<String> columns);

    /**
     * Returns the weighted mean of two similarities. The published concept filter uses (mpnet + 3·CLIP)/4, that is weights 1 and
     * 3.
     */
    static TextSimilarity weighted(
            TextSimilarity first, double firstWeight, TextSimilarity second, double secondWeight) {
        double sum = firstWeight + secondWeight;
        if (!(firstWeight >= 0 && secondWeight >= 0 && sum > 0)) {
            throw new IllegalArgumentException(
                    "weights must be >= 0 with a positive sum; got %s and %s".formatted(firstWeight, secondWeight));
        }
        return (rows, columns) -> {
            float[] mean = first.between(rows, columns);
            float[] other = second.between(rows, columns);
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) ((firstWeight * mean[i] + secondWeight * other[i]) / sum);
            }
            return mean;
        };
    }
}
