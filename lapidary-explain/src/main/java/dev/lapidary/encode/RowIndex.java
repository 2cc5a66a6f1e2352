package dev.lapidary.encode;

import java.util.Arrays;

/** Finds a row by a 128-bit key: a hash table of plain arrays, 24 bytes an entry, for millions of cached embeddings. */
final class RowIndex {
    static final long NONE = -1;

    private long[] high = new long[64];
    private long[] low = new long[64];
    private long[] places = filled(64); // NONE where free
    private int size;

    private static long[] filled(int length) {
        long[] values = new long[length];
        Arrays.fill(values, NONE);
        return values;
    }

    /** The place stored under a key, or {@link #NONE}. */
    long get(long keyHigh, long keyLow) {
        return places[slot(keyHigh, keyLow)];
    }

    /** Stores a place, at least 0, under a key, instead of the one that was there. */
    void put(long keyHigh, long keyLow, long place) {
        if (size * 2 >= places.length) {
            grow();
        }
        int slot = slot(keyHigh, keyLow);
        if (places[slot] == NONE) {
            size++;
        }
        high[slot] = keyHigh;
        low[slot] = keyLow;
        places[slot] = place;
    }

    private int slot(long keyHigh, long keyLow) {
        int mask = places.length - 1;
        int slot = (int) (keyLow ^ keyLow >>> 32) & mask; // keys are digests: any bits are as good as random
        while (places[slot] != NONE && (high[slot] != keyHigh || low[slot] != keyLow)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        long[] oldPlaces = places;
        int length = Math.multiplyExact(oldPlaces.length, 2);
        high = new long[length];
        low = new long[length];
        places = filled(length);
        size = 0;
        for (int i = 0; i < oldPlaces.length; i++) {
            if (oldPlaces[i] != NONE) {
                put(oldHigh[i], oldLow[i], oldPlaces[i]);
            }
        }
    }
}
