package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Divides items into k folds for cross-validation: each fold tests on about one k-th of the items and trains on the rest.
 *
 * <p>What must stay together are {@link SplitUnits}; grouped folds come from units with groups. The same items and seed give the same
 * folds. Sizes of test parts differ by at most one item where no units are larger than one.
 */
public final class Folds {
    private Folds() {}

    /**
     * Divides items at random.
     *
     * @param folds k, at least 2
     * @throws InputException where there are fewer units than folds
     */
    public static List<Fold> random(SplitUnits units, int folds, long seed) {
        return draw(units, Strata.none(units, requireFolds(folds)), folds, seed);
    }

    /**
     * Divides items so that folds have equal shares of every class, also where units hold items of several classes.
     *
     * @param labels class of each item, from 0 on [n]
     * @param folds k, at least 2
     * @throws InputException where a class lies in too few units to be in every fold
     */
    public static List<Fold> stratified(SplitUnits units, int[] labels, int folds, long seed) {
        return draw(units, Strata.classes(units, labels, requireFolds(folds)), folds, seed);
    }

    /**
     * Divides items so that folds have equal shares of small, middle and large targets; see {@link Splits#byQuantile}.
     *
     * @param targets of the items, finite [n]
     * @param folds k, at least 2
     * @throws InputException where there are fewer units than folds
     */
    public static List<Fold> byQuantile(SplitUnits units, double[] targets, int folds, long seed) {
        return draw(units, Strata.quantiles(units, targets, requireFolds(folds)), folds, seed);
    }

    private static int requireFolds(int folds) {
        if (folds < 2) {
            throw new InputException("folds must be at least 2; got " + folds);
        }
        return folds;
    }

    private static List<Fold> draw(SplitUnits units, int[] strata, int folds, long seed) {
        double[] shares = new double[folds];
        Arrays.fill(shares, 1.0 / folds);
        List<String> names =
                IntStream.rangeClosed(1, folds).mapToObj(i -> "fold " + i).toList();
        int[][] tests = new BalancedDraw(units, strata, names, shares, seed).rows();
        SplitCheck.check(units, tests);
        return Arrays.stream(tests)
                .map(test -> new Fold(rest(units.items(), test), test))
                .toList();
    }

    private static int[] rest(int items, int[] test) {
        boolean[] tested = new boolean[items];
        for (int row : test) {
            tested[row] = true;
        }
        return IntStream.range(0, items).filter(i -> !tested[i]).toArray();
    }
}
