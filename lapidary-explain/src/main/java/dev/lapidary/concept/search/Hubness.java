package dev.lapidary.concept.search;

import dev.lapidary.runtime.kernel.RowProducts;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How unevenly items fall on concepts and classes: few hubs that are near to everything spoil any nearest-neighbour rule.
 *
 * @param nearestConcept the concept that is the nearest one of most items
 * @param nearestShare share of the items whose nearest concept it is, in [0, 1]
 * @param predictedClass the class that is predicted most often
 * @param predictedShare share of the items for which it is predicted, in [0, 1]
 * @param neighbours k, how many nearest concepts of an item were counted
 * @param skewness third standardised moment of the number of items among whose k nearest concepts a concept is; 0 where all
 *     concepts occur equally often, above 1 where hubs rule
 * @see <a href="https://www.jmlr.org/papers/v11/radovanovic10a.html">Radovanović et al., Hubs in Space, JMLR 2010</a>
 */
public record Hubness(
        int nearestConcept,
        double nearestShare,
        int predictedClass,
        double predictedShare,
        int neighbours,
        double skewness) {

    /** Counts the k nearest of the weighted concepts [M', d] for each item. */
    static Hubness of(RowProducts concepts, SearchResult result, ItemBlocks items, int neighbours) {
        if (neighbours < 1 || items.count() == 0) {
            throw new IllegalArgumentException("hubness must have at least 1 neighbour and 1 item; got neighbours="
                    + neighbours + ", items=" + items.count());
        }
        int k = Math.min(neighbours, concepts.rows());
        AtomicIntegerArray first = new AtomicIntegerArray(concepts.rows());
        AtomicIntegerArray among = new AtomicIntegerArray(concepts.rows());
        items.forEach(arena -> counting(arena, concepts, k, first, among));
        int hub = mostFrequent(counts(first));
        int[] predicted = new int[result.classes()];
        for (int prediction : result.predictions()) {
            predicted[prediction]++;
        }
        int favourite = mostFrequent(predicted);
        return new Hubness(
                result.scale().kept()[hub],
                (double) first.get(hub) / items.count(),
                favourite,
                (double) predicted[favourite] / items.count(),
                k,
                skewness(counts(among)));
    }

    private static ItemBlocks.Step counting(
            Arena arena, RowProducts concepts, int k, AtomicIntegerArray first, AtomicIntegerArray among) {
        FloatMatrix similarities = FloatMatrix.allocate(arena, RowBlocks.ROWS, concepts.stride()); // [rows, M']
        int[] nearest = new int[k];
        return (block, start, size) -> {
            concepts.multiply(block.memory(), block.width(), size, similarities.memory());
            for (int i = 0; i < size; i++) {
                nearest(similarities, i, concepts.rows(), nearest);
                first.incrementAndGet(nearest[0]);
                for (int concept : nearest) {
                    among.incrementAndGet(concept);
                }
            }
        };
    }

    /** Fills in the indices of the largest of a row's first numbers, largest first, the lower index first among equals. */
    static void nearest(FloatMatrix matrix, int row, int count, int[] nearest) {
        int found = 0;
        float least = Float.NEGATIVE_INFINITY;
        for (int m = 0; m < count; m++) {
            float value = matrix.get(row, m);
            if (found == nearest.length && !(value > least)) {
                continue;
            }
            int place = Math.min(found, nearest.length - 1);
            while (place > 0 && matrix.get(row, nearest[place - 1]) < value) {
                nearest[place] = nearest[place - 1];
                place--;
            }
            nearest[place] = m;
            found = Math.min(found + 1, nearest.length);
            least = matrix.get(row, nearest[found - 1]);
        }
    }

    /** Third standardised moment of counts; 0 where all are equal. */
    static double skewness(int[] counts) {
        double mean = 0;
        for (int count : counts) {
            mean += (double) count / counts.length;
        }
        double second = 0;
        double third = 0;
        for (int count : counts) {
            double deviation = count - mean;
            second += deviation * deviation / counts.length;
            third += deviation * deviation * deviation / counts.length;
        }
        return second == 0 ? 0 : third / Math.pow(second, 1.5);
    }

    private static int[] counts(AtomicIntegerArray counts) {
        int[] copy = new int[counts.length()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    private static int mostFrequent(int[] counts) {
        int most = 0;
        for (int i = 1; i < counts.length; i++) {
            if (counts[i] > counts[most]) {
                most = i;
            }
        }
        return most;
    }
}
