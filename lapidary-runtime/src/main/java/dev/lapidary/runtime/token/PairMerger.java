package dev.lapidary.runtime.token;

import java.util.Arrays;

/**
 * Merges the symbols of one word: again and again the pair of the lowest rank, of several such pairs the leftmost.
 *
 * <p>Short words are searched through for every merge; long ones keep their pairs in a heap, so that n symbols take n log n steps.
 */
final class PairMerger {
    private static final int SHORT = 48; // symbols

    private final PairTable pairs;

    PairMerger(PairTable pairs) {
        this.pairs = pairs;
    }

    /** Merges {@code symbols[0, count)} in place and returns how many are left. */
    int merge(int[] symbols, int count) {
        return count <= SHORT ? mergeShort(symbols, count) : new Chain(pairs, symbols, count).merge();
    }

    private int mergeShort(int[] symbols, int count) {
        long[] merges = new long[Math.max(0, count - 1)]; // of every symbol with the next
        for (int i = 0; i + 1 < count; i++) {
            merges[i] = pairs.find(symbols[i], symbols[i + 1]);
        }
        int left = count;
        for (int best = best(merges, left); best >= 0; best = best(merges, left)) {
            symbols[best] = (int) merges[best];
            left--;
            System.arraycopy(symbols, best + 2, symbols, best + 1, left - best - 1);
            if (best + 1 < left) {
                System.arraycopy(merges, best + 2, merges, best + 1, left - best - 2);
                merges[best] = pairs.find(symbols[best], symbols[best + 1]);
            }
            if (best > 0) {
                merges[best - 1] = pairs.find(symbols[best - 1], symbols[best]);
            }
        }
        return left;
    }

    private static int best(long[] merges, int symbols) {
        int best = -1;
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i + 1 < symbols; i++) {
            long rank = merges[i] >>> 32; // NONE comes last
            if (rank < lowest && merges[i] != PairTable.NONE) {
                lowest = rank;
                best = i;
            }
        }
        return best;
    }

    /** A word as a doubly linked chain, with a heap of rank &lt;&lt; 32 | position of its pairs. */
    private static final class Chain {
        private final PairTable pairs;
        private final int[] symbols;
        private final int[] next;
        private final int[] previous;
        private long[] heap;
        private int queued;

        Chain(PairTable pairs, int[] symbols, int count) {
            this.pairs = pairs;
            this.symbols = symbols;
            this.next = new int[count];
            this.previous = new int[count];
            this.heap = new long[count];
            for (int i = 0; i < count; i++) {
                previous[i] = i - 1;
                next[i] = i + 1 < count ? i + 1 : -1;
            }
            for (int i = 0; i + 1 < count; i++) {
                queue(i);
            }
        }

        int merge() {
            while (queued > 0) {
                long top = pop();
                int at = (int) top;
                int right = next[at];
                if (right < 0 || previous[at] == -2) {
                    continue;
                }
                long merge = pairs.find(symbols[at], symbols[right]);
                if (merge == PairTable.NONE || merge >>> 32 != top >>> 32) {
                    continue; // the pair that was here is gone
                }
                symbols[at] = (int) merge;
                next[at] = next[right];
                previous[right] = -2; // taken out
                if (next[at] >= 0) {
                    previous[next[at]] = at;
                    queue(at);
                }
                if (previous[at] >= 0) {
                    queue(previous[at]);
                }
            }
            int left = 0;
            for (int at = 0; at >= 0; at = next[at]) {
                symbols[left++] = symbols[at];
            }
            return left;
        }

        private void queue(int at) {
            long merge = pairs.find(symbols[at], symbols[next[at]]);
            if (merge == PairTable.NONE) {
                return;
            }
            if (queued == heap.length) {
                heap = Arrays.copyOf(heap, Math.addExact(queued, queued));
            }
            long entry = merge >>> 32 << 32 | at;
            int slot = queued++;
            while (slot > 0 && heap[slot - 1 >> 1] > entry) {
                heap[slot] = heap[slot - 1 >> 1];
                slot = slot - 1 >> 1;
            }
            heap[slot] = entry;
        }

        private long pop() {
            long top = heap[0];
            long last = heap[--queued];
            int slot = 0;
            for (int child = 1; child < queued; child = 2 * slot + 1) {
                if (child + 1 < queued && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= last) {
                    break;
                }
                heap[slot] = heap[child];
                slot = child;
            }
            heap[slot] = last;
            return top;
        }
    }
}
