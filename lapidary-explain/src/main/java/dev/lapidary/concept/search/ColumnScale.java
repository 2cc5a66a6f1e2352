package dev.lapidary.concept.search;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Divides every concept's similarities by their mean, and leaves out concepts whose mean is too small to divide by.
 *
 * <p>A mean instead of the published sum scales all similarities alike, which no rule sees.
 *
 * @param kept indices of the concepts that stay, ascending, [M']
 * @param dropped indices of the others, ascending
 * @param itemWeights what the similarities of an item are multiplied by, [M']
 * @param classWeights what the similarities of a class are multiplied by, [M']
 */
record ColumnScale(int[] kept, int[] dropped, double[] itemWeights, double[] classWeights) {
    /** Keeps all concepts as they are. */
    static ColumnScale none(int concepts) {
        int[] kept = new int[concepts];
        Arrays.setAll(kept, m -> m);
        double[] ones = new double[concepts];
        Arrays.fill(ones, 1);
        return new ColumnScale(kept, new int[0], ones, ones);
    }

    /**
     * Keeps the concepts whose mean similarity reaches the floor on both sides.
     *
     * @param itemMeans over items, [M]
     * @param classMeans over classes, [M]
     */
    static ColumnScale of(double[] itemMeans, double[] classMeans, double floor) {
        int concepts = itemMeans.length;
        int[] kept = new int[concepts];
        int[] dropped = new int[concepts];
        int keptCount = 0;
        for (int m = 0; m < concepts; m++) {
            double least = Math.min(itemMeans[m], classMeans[m]);
            if (least >= floor && itemMeans[m] != 0 && classMeans[m] != 0) {
                kept[keptCount++] = m;
            } else {
                dropped[m - keptCount] = m;
            }
        }
        if (keptCount == 0) {
            throw new InputException("at least one concept must have a mean similarity of " + floor
                    + " or more to both items and classes; got none among " + concepts + " concepts");
        }
        kept = Arrays.copyOf(kept, keptCount);
        return new ColumnScale(
                kept,
                Arrays.copyOf(dropped, concepts - keptCount),
                inverses(itemMeans, kept),
                inverses(classMeans, kept));
    }

    private static double[] inverses(double[] means, int[] kept) {
        double[] inverses = new double[kept.length];
        for (int j = 0; j < kept.length; j++) {
            inverses[j] = 1 / means[kept[j]];
        }
        return inverses;
    }

    /** Returns the unit concepts [M, d] that stay times their weights, the largest weight being 1: [M', d]. */
    FloatMatrix weighted(Arena arena, FloatMatrix concepts) {
        if (kept.length == concepts.rows() && Arrays.stream(itemWeights).allMatch(weight -> weight == 1)) {
            return concepts;
        }
        double largest = Arrays.stream(itemWeights).map(Math::abs).max().orElseThrow();
        FloatMatrix weighted = FloatMatrix.allocate(arena, kept.length, concepts.width());
        for (int j = 0; j < kept.length; j++) {
            float weight = (float) (itemWeights[j] / largest);
            for (int i = 0; i < concepts.width(); i++) {
                weighted.set(j, i, concepts.get(kept[j], i) * weight);
            }
        }
        return weighted;
    }

    /** Returns an item's similarities [M] as [M'], multiplied. */
    double[] item(double[] similarities) {
        return multiplied(similarities, itemWeights);
    }

    /** Returns a class's similarities [M] as [M'], multiplied. */
    double[] ofClass(double[] similarities) {
        return multiplied(similarities, classWeights);
    }

    private double[] multiplied(double[] similarities, double[] weights) {
        double[] multiplied = new double[kept.length];
        for (int j = 0; j < kept.length; j++) {
            multiplied[j] = similarities[kept[j]] * weights[j];
        }
        return multiplied;
    }
}
