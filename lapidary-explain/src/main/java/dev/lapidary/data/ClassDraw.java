package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/** Draws a data set's parts class by class: each class is divided by itself and has at least one group of equal contents in each part. */
final class ClassDraw {
    private static final int PARTS = 3;
    private static final int TRAIN = 0;
    private static final int VALIDATION = 1;
    private static final int TEST = 2;

    private final Dataset data;
    private final ItemGroups groups;
    private final SplitShares shares;
    private final RandomGenerator random;
    private final int[] part; // [groups]
    private final boolean[] held; // [groups], to stay in the training part
    private final boolean testGiven; // else it is drawn

    ClassDraw(Dataset data, SplitShares shares, long seed, int[] reserved) {
        this.data = data;
        this.groups = ItemGroups.ofHashes(data.size(), data::contentHash);
        this.shares = shares;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.part = new int[groups.count()];
        this.held = groups.holding(reserved);
        this.testGiven = data.testFrom() < data.size();
        boolean[] test =
                groups.holding(IntStream.range(data.testFrom(), data.size()).toArray());
        for (int g = 0; g < test.length; g++) {
            part[g] = test[g] ? TEST : TRAIN;
        }
    }

    /** Parts of which each class must have something that is not given. */
    private int drawn() {
        return testGiven ? PARTS - 1 : PARTS;
    }

    /** Draws the parts; the reserved rows, and what equals them, stay in the training part. */
    Split split(long seed) {
        for (int[] ofClass : byClass()) {
            divide(ofClass);
        }
        int[][] parts = groups.rows(part, PARTS);
        return new Split(
                seed, parts[TRAIN], parts[VALIDATION], parts[TEST], Duplicates.report(groups, data::label, data::id));
    }

    /** Draws rows of every class, whole groups, that leave at least three groups of it. */
    int[] reserved(double share) {
        IntStream.Builder rows = IntStream.builder();
        for (int[] ofClass : byClass()) {
            Order.shuffle(ofClass, random);
            int most = Math.min((int) (share * ofClass.length), ofClass.length - drawn());
            for (int i = 0; i < most; i++) {
                for (int k = 0; k < groups.size(ofClass[i]); k++) {
                    rows.add(groups.member(ofClass[i], k));
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
            int k = data.label(groups.member(g, 0));
            if (part[g] != TEST) {
                byClass[k][next[k]++] = g;
            }
        }
        return byClass;
    }

    private int labelled(int group) {
        int label = data.label(groups.member(group, 0)); // a group counts as the class of its first item
        if (label < 0) {
            throw new IllegalArgumentException(
                    "every item must have a label; got none for item " + data.id(groups.member(group, 0)));
        }
        return label;
    }

    /** Gives test and validation their shares of a class, training the rest. */
    private void divide(int[] ofClass) {
        Order.shuffle(ofClass, random);
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
                    + data.classes().get(labelled(ofClass[0])) + "'");
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
                part[g] = target;
                missing -= groups.size(g);
                taken++;
            } else if (smallest < 0 || groups.size(g) < groups.size(smallest)) {
                smallest = g;
            }
        }
        if (taken == 0) {
            part[smallest] = target;
            taken = 1;
        }
        return taken;
    }
}
