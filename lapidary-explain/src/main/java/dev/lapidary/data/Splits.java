package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Divides a labelled data set into train, validation and test parts that share no content.
 *
 * <p>Items of equal content form a group that lies in one part whole, under the class of its first item. Each class is divided by
 * itself, so that the parts have its share of every class, and has at least one group in each part. The same data and seed give the
 * same split. Time and memory are linear in the number of items. Of a data set that has a test part of its own ({@link TestPart}) all
 * of that, and nothing else, is the test part of every split.
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
    private final boolean[] held; // [groups], to stay in the training part
    private final boolean testGiven; // else it is drawn

    private Splits(Dataset data, SplitShares shares, long seed, int[] reserved) {
        this.data = data;
        this.groups = ContentGroups.of(data);
        this.shares = shares;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.part = new byte[groups.count()];
        this.held = groups.holding(reserved);
        this.testGiven = data.testFrom() < data.size();
        boolean[] test =
                groups.holding(IntStream.range(data.testFrom(), data.size()).toArray());
        for (int g = 0; g < test.length; g++) {
            part[g] = (byte) (test[g] ? TEST : TRAIN);
        }
    }

    /** Parts of which each class must have something that is not given. */
    private int drawn() {
        return testGiven ? PARTS - 1 : PARTS;
    }

    /**
     * Draws a split.
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
        Splits splits = new Splits(data, shares, seed, reserved);
        for (int[] ofClass : splits.byClass()) {
            splits.divide(ofClass);
        }
        Split split = splits.finish(seed);
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
        Splits splits = new Splits(data, SplitShares.DEFAULT, ~seed, new int[0]);
        IntStream.Builder rows = IntStream.builder();
        for (int[] ofClass : splits.byClass()) {
            splits.shuffle(ofClass);
            int most = Math.min((int) (share * ofClass.length), ofClass.length - splits.drawn());
            for (int i = 0; i < most; i++) {
                for (int k = 0; k < splits.groups.size(ofClass[i]); k++) {
                    rows.add(splits.groups.member(ofClass[i], k));
                }
            }
        }
        return rows.build().sorted().toArray();
    }

    private int[][] byClass() {
        int[] counts = new int[data.classes().size()];
        for (int g = 0; g < groups.count(); g++) {
            counts[labelled(g)] += part[g] == TEST ? 0 : 1;
        }
        int[][] byClass = new int[counts.length][];
        for (int k = 0; k < counts.length; k++) {
            if (counts[k] < drawn()) {
                throw new InputException("every class must have at least " + drawn()
                        + " distinct items, one for each of "
                        + (testGiven ? "train and validation" : "train, validation and test") + "; got " + counts[k]
                        + " in class '" + data.classes().get(k) + "'");
            }
            byClass[k] = new int[counts[k]];
        }
        int[] next = new int[counts.length];
        for (int g = 0; g < groups.count(); g++) {
            int k = groups.label(g);
            if (part[g] != TEST) {
                byClass[k][next[k]++] = g;
            }
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
        int free = 0;
        for (int g : ofClass) {
            free += held[g] ? 0 : 1;
        }
        if (free < drawn() - 1) {
            throw new IllegalArgumentException("reserved rows must leave a content for validation and one for test free"
                    + " in every class; got " + free + " free of " + ofClass.length + " in class '"
                    + data.classes().get(groups.label(ofClass[0])) + "'");
        }
        double rest = 1;
        if (testGiven) {
            rest -= shares.test();
        } else {
            free -= fill(ofClass, TEST, Math.round(items * shares.test()), free - 2);
        }
        fill(ofClass, VALIDATION, Math.round(items * shares.validation() / rest), free - 1);
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
            if (part[g] != TRAIN || held[g]) {
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
