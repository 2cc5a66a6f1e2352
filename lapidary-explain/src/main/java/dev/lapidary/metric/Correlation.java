package dev.lapidary.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Measures how much two columns of numbers go together, in [−1, 1]; NaN where either column is constant. */
public final class Correlation {
    private Correlation() {}

    /** Returns Pearson's correlation of two columns [n]: how near they are to a rising line. */
    public static double pearson(double[] one, double[] other) {
        Sizes.requireSame("one column", one.length, "the other", other.length);
        Sizes.requireFinite("columns", one);
        Sizes.requireFinite("columns", other);
        if (constant(one) || constant(other)) {
            return Double.NaN;
        }
        double meanOne = Arrays.stream(one).sum() / one.length;
        double meanOther = Arrays.stream(other).sum() / other.length;
        double joint = 0;
        double squaresOne = 0;
        double squaresOther = 0;
        for (int i = 0; i < one.length; i++) {
            double a = one[i] - meanOne;
            double b = other[i] - meanOther;
            joint += a * b;
            squaresOne += a * a;
            squaresOther += b * b;
        }
        return Math.clamp(joint / (Math.sqrt(squaresOne) * Math.sqrt(squaresOther)), -1, 1);
    }

    /** Returns Spearman's rank correlation of two columns [n]: Pearson's of their ranks. */
    public static double spearman(double[] one, double[] other) {
        Sizes.requireSame("one column", one.length, "the other", other.length);
        return pearson(ranks(one), ranks(other));
    }

    private static boolean constant(double[] column) {
        return Arrays.stream(column).allMatch(value -> value == column[0]);
    }

    /** Returns the rank of each number, 1 for the smallest; equal numbers share the mean of their ranks [n]. */
    public static double[] ranks(double[] column) {
        Sizes.requireFinite("columns", column);
        int[] order = IntStream.range(0, column.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> column[i] + 0.0)) // -0.0 becomes 0.0
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[column.length];
        int from = 0;
        while (from < order.length) {
            int to = from + 1;
            while (to < order.length && column[order[to]] == column[order[from]]) {
                to++;
            }
            for (int place = from; place < to; place++) {
                ranks[order[place]] = 0.5 * (from + 1 + to);
            }
            from = to;
        }
        return ranks;
    }
}
