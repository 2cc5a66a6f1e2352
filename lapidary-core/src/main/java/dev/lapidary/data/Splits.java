package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Divides a labelled data set into train, validation and test parts that share no content.
 *
 * <p>Items of equal content form a group that lies in one part whole, under the class of its first item. Each class is divided by
 * itself, so that the parts have its share of every class, and has at least one group in each part. The same data and seed give the
 * same split. Time and memory are linear in the number of items.
 *
 * <p>Differs from the published code, which draws its three parts independently and so tests on four fifths of what it trained on.
 */
public final class Splits {
    private static final int PARTS = 3;
    private static final int TRAIN = 0;
    private static final int VALIDATION = 1;
    private static final int TEST = 2;

    private final Dataset data;
    private final ContentGroups groups;
    private final SplitShares shares;
    private final RandomGenerator random;
    private final byte[] part; // [groups]

    private Splits(Dataset data, SplitShares shares, long seed) {
        this.data = data;
        this.groups = ContentGroups.of(data);
        this.shares = shares;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.part = new byte[groups.count()];
    }

    /**
     * Draws a split.
     *
     * @throws InputException where a class has fewer than three distinct items
     */
    public static Split draw(Dataset data, long seed, SplitShares shares) {
        if (!data.labelled()) {
            throw new IllegalArgumentException("items must have labels to be split by class; got none");
        }
        Splits splits = new Splits(data, shares, seed);
        for (int[] ofClass : splits.byClass()) {
            splits.divide(ofClass);
        }
        Split split = splits.finish(seed);
        SplitCheck.check(data, split);
        return split;
    }

    private int[][] byClass() {
        int[] counts = new int[data.classes().size()];
        for (int g = 0; g < groups.count(); g++) {
            counts[labelled(g)]++;
        }
        int[][] byClass = new int[counts.length][];
        for (int k = 0; k < counts.length; k++) {
            if (counts[k] < PARTS) {
                throw new InputException(
                        "every class must have at least 3 distinct items, one for each of train, validation and test;"
                                + " got " + counts[k] + " in class '"
                                + data.classes().get(k) + "'");
            }
            byClass[k] = new int[counts[k]];
        }
        int[] next = new int[counts.length];
        for (int g = 0; g < groups.count(); g++) {
            int k = groups.label(g);
            byClass[k][next[k]++] = g;
        }
        return byClass;
    }

    private int labelled(int group) {
        int label = groups.label(group);
        if (label < 0) {
            throw new IllegalArgumentException(
                    "every item must have a label; got none for item " + data.id(groups.member(group, 0)));
        }
        return label;
    }

    /** Gives test and validation their shares of a class, training the rest. */
    private void divide(int[] ofClass) {
        shuffle(ofClass);
        long items = 0;
        for (int g : ofClass) {
            items += groups.size(g);
        }
        int free = ofClass.length;
        free -= fill(ofClass, TEST, Math.round(items * shares.test()), free - 2);
        fill(ofClass, VALIDATION, Math.round(items * shares.validation()), free - 1);
    }

    /**
     * Assigns free groups to a part until it has its target of items, passing over groups too large for what is missing.
     *
     * @param most groups that may be taken, so that other parts keep one
     * @return the number of groups taken, at least 1
     */
    private int fill(int[] ofClass, int target, long items, int most) {
        long missing = items;
        int taken = 0;
        int smallest = -1;
        for (int g : ofClass) {
            if (part[g] != TRAIN) {
                continue;
            }
            if (groups.size(g) <= missing && taken < most) {
                part[g] = (byte) target;
                missing -= groups.size(g);
                taken++;
            } else if (smallest < 0 || groups.size(g) < groups.size(smallest)) {
                smallest = g;
            }
        }
        if (taken == 0) {
            part[smallest] = (byte) target;
            taken = 1;
        }
        return taken;
    }

    private void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }

    private Split finish(long seed) {
        int[] sizes = new int[PARTS];
        for (int g = 0; g < groups.count(); g++) {
            sizes[part[g]] += groups.size(g);
        }
        int[][] parts = new int[PARTS][];
        Arrays.setAll(parts, p -> new int[sizes[p]]);
        int[] next = new int[PARTS];
        for (int g = 0; g < groups.count(); g++) {
            int p = part[g];
            for (int k = 0; k < groups.size(g); k++) {
                parts[p][next[p]++] = groups.member(g, k);
            }
        }
        for (int[] rows : parts) {
            Arrays.sort(rows);
        }
        return new Split(seed, parts[TRAIN], parts[VALIDATION], parts[TEST], groups.report());
    }
}
