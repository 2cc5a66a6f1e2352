package dev.lapidary.concept.explain;

/** How much the true labels of two concepts say of each other: the correlation phi of two columns of 0 and 1. */
final class LabelDependence {
    private final long[][] present; // [k][words], a bit for each item
    private final long[][] known; // [k][words]

    /** Packs the labels of all items. */
    LabelDependence(LabelledScores items) {
        int words = (items.items() + Long.SIZE - 1) / Long.SIZE;
        present = new long[items.concepts()][words];
        known = new long[items.concepts()][words];
        for (int i = 0; i < items.items(); i++) {
            byte[] labels = items.labels()[i];
            for (int k = 0; k < labels.length; k++) {
                present[k][i / Long.SIZE] |= labels[k] == 1 ? 1L << i : 0; // the shift takes i modulo 64
                known[k][i / Long.SIZE] |= labels[k] == LabelledScores.UNKNOWN ? 0 : 1L << i;
            }
        }
    }

    /** Returns phi in [-1, 1] over the items of which both are known; 0 where one of them is the same in all. */
    double phi(int one, int other) {
        double items = both(known[one], known[other]);
        double first = both(present[one], known[other]);
        double second = both(present[other], known[one]);
        double joint = both(present[one], present[other]);
        double spread = Math.sqrt(first * (items - first) * second * (items - second));
        return spread == 0 ? 0 : (items * joint - first * second) / spread;
    }

    private static long both(long[] a, long[] b) {
        long count = 0;
        for (int w = 0; w < a.length; w++) {
            count += Long.bitCount(a[w] & b[w]);
        }
        return count;
    }
}
