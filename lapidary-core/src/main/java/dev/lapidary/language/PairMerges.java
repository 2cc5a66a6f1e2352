package dev.lapidary.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The merges that byte-pair encoding learns from counted words: again and again the pair of neighbouring symbols that occurs most
 * often, of equally frequent ones that with the smaller symbols, becomes a symbol of its own.
 *
 * <p>Counts are kept up to date word by word, and a heap whose entries may be out of date finds the next pair, so a merge costs only
 * the words that it changes.
 */
final class PairMerges {
    private static final int LEAST = 2; // a pair seen once says nothing about the next text

    private final List<int[]> words = new ArrayList<>();
    private final long[] times;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Entry> heap = new PriorityQueue<>();

    /** How often a pair of symbols occurs, and the words where it did at some time. */
    private static final class Pair {
        private final long symbols;
        private long count;
        private long queued; // the count of its best entry in the heap
        private int[] words = new int[2];
        private int used;

        Pair(long symbols) {
            this.symbols = symbols;
        }

        void add(int word) {
            if (used > 0 && words[used - 1] == word) {
                return;
            }
            if (used == words.length) {
                words = Arrays.copyOf(words, 2 * used);
            }
            words[used++] = word;
        }
    }

    private record Entry(long count, long symbols) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return count != other.count ? Long.compare(other.count, count) : Long.compare(symbols, other.symbols);
        }
    }

    /**
     * Counts the pairs.
     *
     * @param words each a row of symbols; their arrays are kept
     * @param times how often each word occurs
     */
    PairMerges(List<int[]> words, long[] times) {
        this.words.addAll(words);
        this.times = times.clone();
        List<Pair> touched = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            count(i, 1, touched);
        }
        pairs.values().forEach(this::queue);
    }

    /** Returns the most frequent pair as left and right symbol, or nothing where no pair occurs twice. */
    int[] next() {
        Pair best = null;
        while (best == null) {
            Entry entry = heap.poll();
            if (entry == null) {
                return new int[0];
            }
            Pair pair = pairs.get(entry.symbols);
            if (pair == null || pair.queued != entry.count) {
                continue; // a better entry of the pair went before
            }
            if (pair.count != entry.count) {
                queue(pair);
            } else {
                best = pair;
            }
        }
        return new int[] {(int) (best.symbols >>> 32), (int) best.symbols};
    }

    /** Replaces a pair by a symbol wherever it occurs, in each word from left to right. */
    void merge(int left, int right, int symbol) {
        Pair pair = pairs.remove(key(left, right));
        if (pair == null) {
            return;
        }
        List<Pair> touched = new ArrayList<>();
        for (int i = 0; i < pair.used; i++) {
            int word = pair.words[i];
            int[] merged = merged(words.get(word), left, right, symbol);
            if (merged.length < words.get(word).length) {
                count(word, -1, touched);
                words.set(word, merged);
                count(word, 1, touched);
            }
        }
        pairs.remove(key(left, right)); // counting the old words brought it back
        for (Pair changed : touched) {
            if (changed.count > changed.queued && changed.symbols != key(left, right)) {
                queue(changed);
            }
        }
    }

    /** The row with each occurrence of the pair, taken from the left, replaced. */
    static int[] merged(int[] row, int left, int right, int symbol) {
        int[] merged = new int[row.length];
        int used = 0;
        for (int i = 0; i < row.length; i++) {
            if (i + 1 < row.length && row[i] == left && row[i + 1] == right) {
                merged[used++] = symbol;
                i++;
            } else {
                merged[used++] = row[i];
            }
        }
        return used == row.length ? row : Arrays.copyOf(merged, used);
    }

    private void count(int word, int sign, List<Pair> touched) {
        int[] row = words.get(word);
        for (int i = 0; i + 1 < row.length; i++) {
            Pair pair = pairs.computeIfAbsent(key(row[i], row[i + 1]), Pair::new);
            pair.count += sign * times[word];
            if (sign > 0) {
                pair.add(word);
                touched.add(pair);
            }
        }
    }

    private void queue(Pair pair) {
        pair.queued = pair.count;
        if (pair.count >= LEAST) {
            heap.add(new Entry(pair.count, pair.symbols));
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}
