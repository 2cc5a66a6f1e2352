package dev.lapidary.concept.vocabulary;

import java.util.Arrays;
import java.util.List;

/** Finds concepts that say the same, in blocks of rows so that no [M, M] matrix is held. */
final class DuplicatePairs {
    private static final int ROWS = 256;

    private DuplicatePairs() {}

    /**
     * A concept's most similar other one.
     *
     * @param index place of the other, or -1 where there is none
     * @param value their similarity
     */
    record Nearest(int index, double value) {
        static final Nearest NONE = new Nearest(-1, 0);
    }

    /** Is told every pair i &lt; j with its similarity, row by row. */
    @FunctionalInterface
    private interface Pair {
        void visit(int i, int j, float value);
    }

    /**
     * Returns for each concept the one that makes it superfluous, or {@link Nearest#NONE}. Pairs are taken in order, those with
     * a concept already dropped are passed over; the one with the smaller row sum (diagonal included) goes, of equal sums the
     * later one.
     */
    static Nearest[] losers(List<String> names, TextSimilarity similarity, double cutoff) {
        int count = names.size();
        double[] rowSums = new double[count];
        PairList tooSimilar = new PairList();
        visit(names, similarity, (i, j, value) -> {
            rowSums[i] += value;
            if (j > i) {
                rowSums[j] += value;
                if (value >= cutoff) {
                    tooSimilar.add(i, j, value);
                }
            }
        });
        Nearest[] losers = new Nearest[count];
        Arrays.fill(losers, Nearest.NONE);
        for (int p = 0; p < tooSimilar.size; p++) {
            int i = tooSimilar.firsts[p];
            int j = tooSimilar.seconds[p];
            if (losers[i].index() < 0 && losers[j].index() < 0) {
                int loser = rowSums[i] < rowSums[j] ? i : j;
                losers[loser] = new Nearest(loser == i ? j : i, tooSimilar.values[p]);
            }
        }
        return losers;
    }

    /** Returns each concept's most similar other one, of equals the first. */
    static Nearest[] nearest(List<String> names, TextSimilarity similarity) {
        int[] index = new int[names.size()];
        float[] best = new float[names.size()];
        Arrays.fill(index, -1);
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        visit(names, similarity, (i, j, value) -> {
            if (j > i) {
                better(index, best, i, j, value);
                better(index, best, j, i, value);
            }
        });
        Nearest[] nearest = new Nearest[index.length];
        for (int i = 0; i < index.length; i++) {
            nearest[i] = index[i] < 0 ? Nearest.NONE : new Nearest(index[i], best[i]);
        }
        return nearest;
    }

    private static void better(int[] index, float[] best, int i, int j, float value) {
        if (value > best[i]) {
            best[i] = value;
            index[i] = j;
        }
    }

    private static void visit(List<String> names, TextSimilarity similarity, Pair pair) {
        int count = names.size();
        for (int from = 0; from < count; from += ROWS) {
            int rows = Math.min(ROWS, count - from);
            int columns = count - from;
            float[] block = similarity.between(names.subList(from, from + rows), names.subList(from, count));
            for (int i = 0; i < rows; i++) {
                for (int j = i; j < columns; j++) {
                    pair.visit(from + i, from + j, block[i * columns + j]);
                }
            }
        }
    }

    /** Pairs in growing arrays; a list of a million like-minded concepts must not box each number. */
    private static final class PairList {
        private int[] firsts = new int[64];
        private int[] seconds = new int[64];
        private float[] values = new float[64];
        private int size;

        void add(int i, int j, float value) {
            if (size == firsts.length) {
                int larger = Math.multiplyExact(size, 2);
                firsts = Arrays.copyOf(firsts, larger);
                seconds = Arrays.copyOf(seconds, larger);
                values = Arrays.copyOf(values, larger);
            }
            firsts[size] = i;
            seconds[size] = j;
            values[size++] = value;
        }
    }
}
