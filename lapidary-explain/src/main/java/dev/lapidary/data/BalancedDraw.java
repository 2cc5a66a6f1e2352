package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Draws the part of every unit so that each part has its share of the items and of every stratum (a class, or a range of targets).
 *
 * <p>Larger units come first, those of a size stratum by stratum and else in random order. Each goes to the part where it adds least
 * to Σ ((has − should)/all)², summed over parts and strata; of several to the one that is farthest below its share of all items, so that
 * remainders of strata do not meet in one part; of several to the first. Afterwards a part without any item of a stratum gets the
 * smallest unit that leaves no other part without.
 */
final class BalancedDraw {
    private final ItemGroups units;
    private final Tally tally;
    private final List<String> parts;
    private final int[] order; // of units
    private final int[] part; // of each unit
    private final long[] all; // items of each stratum; of all items last [strata + 1]
    private final long[][] has; // [parts][strata + 1]
    private final double[][] should; // [parts][strata + 1]

    /**
     * Begins.
     *
     * @param strata of each item, from 0 on [n]
     * @param parts names for messages
     * @param shares of the parts, which sum to 1
     */
    BalancedDraw(SplitUnits units, int[] strata, List<String> parts, double[] shares, long seed) {
        this.units = units.groups();
        this.parts = parts;
        int count = Arrays.stream(strata).max().orElse(-1) + 1;
        tally = new Tally(strata, count);
        all = new long[count + 1];
        for (int stratum : strata) {
            all[stratum]++;
            all[count]++;
        }
        has = new long[shares.length][count + 1];
        should = new double[shares.length][count + 1];
        for (int p = 0; p < shares.length; p++) {
            for (int s = 0; s <= count; s++) {
                should[p][s] = shares[p] * all[s];
            }
        }
        part = new int[units.count()];
        int[] shuffled = IntStream.range(0, units.count()).toArray();
        Order.shuffle(shuffled, RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
        order = Arrays.stream(shuffled)
                .boxed()
                .sorted(Comparator.comparingInt((Integer u) -> -this.units.size(u))
                        .thenComparingInt(u -> strata[this.units.member(u, 0)]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Draws and returns the items of each part in ascending order [parts][items].
     *
     * @throws InputException where a part must stay without any item of a stratum
     */
    int[][] rows() {
        for (int u : order) {
            tally.take(u);
            int cheapest = 0;
            for (int p = 1; p < has.length; p++) {
                cheapest = better(p, cheapest) ? p : cheapest;
            }
            part[u] = cheapest;
            count(cheapest, 1);
        }
        for (int s = 0; s < all.length; s++) {
            for (int p = 0; p < has.length; p++) {
                if (has[p][s] == 0 && all[s] > 0) {
                    fill(p, s);
                }
            }
        }
        return units.rows(part, has.length);
    }

    private boolean better(int p, int than) {
        int total = all.length - 1;
        double less = rise(p) - rise(than);
        double deficit = (has[p][total] - should[p][total]) - (has[than][total] - should[than][total]);
        return less < 0 || (less == 0 && deficit < 0);
    }

    /** What the tallied unit would add to the sum of squares of a part. */
    private double rise(int p) {
        double rise = 0;
        for (int i = 0; i < tally.found - 1; i++) { // without all items
            int s = tally.strata[i];
            double items = tally.items[s];
            rise += items * (2 * (has[p][s] - should[p][s]) + items) / ((double) all[s] * all[s]);
        }
        return rise;
    }

    /** Counts the tallied unit in a part, or out of it. */
    private void count(int p, int sign) {
        for (int i = 0; i < tally.found; i++) {
            has[p][tally.strata[i]] += (long) sign * tally.items[tally.strata[i]];
        }
    }

    /** Moves the smallest unit with items of a stratum to a part that has none. */
    private void fill(int p, int s) {
        int smallest = -1;
        int holders = 0;
        for (int u : order) {
            tally.take(u);
            if (tally.items[s] > 0) {
                holders++;
                smallest = spared(u) ? u : smallest; // the order ends with the smallest
            }
        }
        if (smallest < 0) {
            throw new InputException("every part must have items of every class; got none of class " + s + " in "
                    + parts.get(p) + ", for its " + all[s] + " items lie in " + holders
                    + " units of equal contents or groups");
        }
        tally.take(smallest);
        count(part[smallest], -1);
        count(p, 1);
        part[smallest] = p;
    }

    /** Whether the part of the tallied unit has more items of each of its strata. */
    private boolean spared(int unit) {
        for (int i = 0; i < tally.found; i++) {
            int s = tally.strata[i];
            if (has[part[unit]][s] <= tally.items[s]) {
                return false;
            }
        }
        return true;
    }

    /** Counts the items of one unit by stratum; all of them come last. */
    private final class Tally {
        private final int[] stratumOf; // of each item [n]
        private final int[] items; // of each stratum [strata + 1]
        private final int[] strata; // those with items, in the first places [strata + 1]
        private int found;

        Tally(int[] stratumOf, int count) {
            this.stratumOf = stratumOf;
            items = new int[count + 1];
            strata = new int[count + 1];
        }

        void take(int unit) {
            for (int i = 0; i < found; i++) {
                items[strata[i]] = 0;
            }
            found = 0;
            for (int k = 0; k < units.size(unit); k++) {
                int s = stratumOf[units.member(unit, k)];
                if (items[s]++ == 0) {
                    strata[found++] = s;
                }
            }
            items[items.length - 1] = units.size(unit);
            strata[found++] = items.length - 1;
        }
    }
}
