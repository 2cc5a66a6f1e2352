package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;

/**
 * Divides items into train, validation and test parts that share no content and no group.
 *
 * <p>What must stay together are {@link SplitUnits}; grouped splits of each kind come from units with groups. The same items and seed
 * give the same split. Every part has at least one item; parts can miss their shares where units are large.
 *
 * <p>A labelled data set is divided by {@link #draw}, which keeps its test part where it has one ({@link TestPart}). The published code
 * of the bottleneck draws its three parts independently and so tests on four fifths of what it trained on.
 */
public final class Splits {
    /** Most ranges of targets that {@link #byQuantile} balances. */
    public static final int RANGES = 10;

    private static final List<String> PARTS = List.of("train", "validation", "test");

    private Splits() {}

    /**
     * Divides a labelled data set class by class: parts have its share of every class, and at least one content of each.
     *
     * <p>Items of equal content form a group that lies in one part whole, under the class of its first item. Time and memory are
     * linear in the number of items. Of a data set that has a test part of its own all of that, and nothing else, is the test part.
     *
     * @throws InputException where a class has fewer than three distinct items
     */
    public static Split draw(Dataset data, long seed, SplitShares shares) {
        return draw(data, seed, shares, new int[0]);
    }

    /**
     * Draws a split that leaves reserved rows, and what equals them, in the training part.
     *
     * @param reserved rows of {@link #reserved}
     * @throws InputException where a class has fewer than three distinct items
     */
    public static Split draw(Dataset data, long seed, SplitShares shares, int[] reserved) {
        if (!data.labelled()) {
            throw new IllegalArgumentException("items must have labels to be split by class; got none");
        }
        Split split = new ClassDraw(data, shares, seed, reserved).split(seed);
        SplitCheck.check(data, split);
        return split;
    }

    /**
     * Chooses rows of every class that all splits can keep in their training part, so that what is decided on them (such as a list of
     * concepts) is decided without any split's validation or test items. At least three contents of each class stay free.
     *
     * @param share of each class's contents, in [0, 1)
     * @return rows in ascending order, whole groups of equal contents
     */
    public static int[] reserved(Dataset data, long seed, double share) {
        return new ClassDraw(data, SplitShares.DEFAULT, ~seed, new int[0]).reserved(share);
    }

    /**
     * Divides items at random, without a look at labels.
     *
     * @throws InputException where there are fewer than three units
     */
    public static Split random(SplitUnits units, long seed, SplitShares shares) {
        return drawn(units, Strata.none(units, PARTS.size()), new int[0], seed, shares);
    }

    /**
     * Divides items so that parts have their share of every class, and at least one item of each, also where units hold items of
     * several classes.
     *
     * @param labels class of each item, from 0 on [n]
     * @throws InputException where a class lies in too few units to be in every part
     */
    public static Split stratified(SplitUnits units, int[] labels, long seed, SplitShares shares) {
        return drawn(units, Strata.classes(units, labels, PARTS.size()), labels, seed, shares);
    }

    /**
     * Divides items so that parts have their share of small, middle and large targets: of up to {@value #RANGES} ranges that hold
     * as many units, by the mean target of each.
     *
     * @param targets of the items, finite [n]
     * @throws InputException where there are fewer than three units
     */
    public static Split byQuantile(SplitUnits units, double[] targets, long seed, SplitShares shares) {
        return drawn(units, Strata.quantiles(units, targets, PARTS.size()), new int[0], seed, shares);
    }

    private static Split drawn(SplitUnits units, int[] strata, int[] labels, long seed, SplitShares shares) {
        double[] parts = {shares.train(), shares.validation(), shares.test()};
        return split(units, seed, new BalancedDraw(units, strata, PARTS, parts, seed).rows(), labels);
    }

    private static Split split(SplitUnits units, long seed, int[][] rows, int[] labels) {
        SplitCheck.check(units, rows);
        return new Split(seed, rows[0], rows[1], rows[2], units.duplicates(labels));
    }

    /**
     * Divides items by time: training on the earliest, testing on the latest.
     *
     * <p>A unit counts as of its latest item, and units of equal time stay together. So no item of an earlier part is as late as any
     * later part's units are: training sees nothing of the time that it is tested on, while a later part may hold early items of its
     * units. Nothing is drawn; the seed of the split is 0.
     *
     * @param times of the items, in any unit, finite [n]
     * @throws InputException where units have fewer than three different times
     */
    public static Split temporal(SplitUnits units, double[] times, SplitShares shares) {
        double[] latest = Strata.ofUnits(units, times, Math::max);
        double[] distinct = Arrays.stream(latest).sorted().distinct().toArray();
        if (distinct.length < PARTS.size()) {
            throw new InputException(
                    "items must have at least 3 different times, one for each of train, validation and test; got "
                            + distinct.length);
        }
        double[] upTo = new double[distinct.length]; // share of the items up to each time
        for (int u = 0; u < latest.length; u++) {
            upTo[Arrays.binarySearch(distinct, latest[u])] +=
                    (double) units.groups().size(u) / units.items();
        }
        Arrays.parallelPrefix(upTo, Double::sum);
        int train = nearest(upTo, shares.train(), 0, distinct.length - 3);
        int validation = nearest(upTo, shares.train() + shares.validation(), train + 1, distinct.length - 2);
        int[] part = new int[latest.length];
        for (int u = 0; u < latest.length; u++) {
            part[u] = latest[u] <= distinct[train] ? 0 : latest[u] <= distinct[validation] ? 1 : 2;
        }
        return split(units, 0, units.groups().rows(part, PARTS.size()), new int[0]);
    }

    /** Returns the place from one to another whose value is nearest to what is wanted, of several the first. */
    private static int nearest(double[] values, double wanted, int from, int to) {
        int nearest = from;
        for (int i = from; i <= to; i++) {
            nearest = Math.abs(values[i] - wanted) < Math.abs(values[nearest] - wanted) ? i : nearest;
        }
        return nearest;
    }
}
