package dev.lapidary.synthetic;

import java.util.Arrays;

/** Lists of different items, each drawn by popularity among those that are left, the most popular first. */
final class PopularItems {
    private static final int MOST_ATTEMPTS = 32;

    private final int[] byRank; // the item of each rank
    private final double[] shares; // of each rank, falling
    private final double[] sums; // of the shares up to and with each rank
    private final boolean even;

    PopularItems(ClickTruth truth, int items, double zipf) {
        byRank = new int[items];
        shares = new double[items];
        sums = new double[items];
        even = zipf == 0;
        for (int item = 0; item < items; item++) {
            byRank[truth.rank(item)] = item;
        }
        for (int rank = 0; rank < items; rank++) {
            shares[rank] = StrictMath.pow(rank + 1.0, -zipf);
        }
        double all = Arrays.stream(shares).sum();
        double sum = 0;
        for (int rank = 0; rank < items; rank++) {
            shares[rank] /= all;
            sum += shares[rank];
            sums[rank] = sum;
        }
    }

    /** The items of a session, slot by slot. */
    int[] list(int slots, Draw draw, long session) {
        int[] ranks = new int[slots];
        for (int slot = 0; slot < slots; slot++) {
            ranks[slot] = rank(ranks, slot, draw, session);
        }
        if (!even) {
            Arrays.sort(ranks);
        }
        return Arrays.stream(ranks).map(rank -> byRank[rank]).toArray();
    }

    /** Draws until the rank is new; after many attempts, which few ranks with large shares can take, draws among the new ones alone. */
    private int rank(int[] taken, int count, Draw draw, long session) {
        long place = (long) count * (MOST_ATTEMPTS + 1);
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            int found = Arrays.binarySearch(sums, draw.fine(session, place + attempt));
            int rank = Math.min(found < 0 ? -found - 1 : found, sums.length - 1);
            if (isNew(taken, count, rank)) {
                return rank;
            }
        }
        double left = 0;
        for (int rank = 0; rank < shares.length; rank++) {
            left += isNew(taken, count, rank) ? shares[rank] : 0;
        }
        double target = left * draw.fine(session, place + MOST_ATTEMPTS);
        int last = 0;
        for (int rank = 0; rank < shares.length && target >= 0; rank++) {
            if (isNew(taken, count, rank)) {
                target -= shares[rank];
                last = rank;
            }
        }
        return last;
    }

    private static boolean isNew(int[] taken, int count, int rank) {
        for (int i = 0; i < count; i++) {
            if (taken[i] == rank) {
                return false;
            }
        }
        return true;
    }
}
