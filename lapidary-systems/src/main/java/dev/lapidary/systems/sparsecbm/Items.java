package dev.lapidary.systems.sparsecbm;

/**
 * Embedded items with their classes.
 *
 * @param vectors of unit length [n, d]
 * @param labels class of each, from 0 [n]
 */
@SuppressWarnings("ArrayRecordComponent") // shared by all arms, never changed
record Items(float[][] vectors, int[] labels) {
    /** Checks that every item has a class. */
    Items {
        if (vectors.length != labels.length) {
            throw new IllegalArgumentException(
                    "every item must have a class; got " + vectors.length + " items and " + labels.length + " classes");
        }
    }

    int size() {
        return labels.length;
    }

    /** Returns the items of some rows. */
    Items select(int[] rows) {
        float[][] some = new float[rows.length][];
        int[] own = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            some[i] = vectors[rows[i]];
            own[i] = labels[rows[i]];
        }
        return new Items(some, own);
    }
}
