package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;

/**
 * Draws tables of numbers with a target of which it is known which columns it needs, and how well it can be predicted at all.
 *
 * <p>Columns that count are independent standard normal. A score adds up {@code linear} columns, each by itself, and {@code pairs}
 * products of two further columns, neither of which is correlated with the score by itself. Its variance is 1. Redundant columns mix two
 * columns that count with a little noise; noise columns are standard normal and count for nothing. The columns' order is drawn.
 *
 * <p><b>Why this is a fair stand-in:</b> real tables mix columns that help, copies of those and columns that do not help, some of which
 * only work together; a method that finds the planted ones among them selects for the right reason. Groups and drift make a random split
 * look better than a grouped or a temporal one, as they do in records of people and of years.
 *
 * <p><b>What it cannot show:</b> that a method copes with heavy tails, missing values, categories, or effects that are no sums of
 * products. Columns are normal and, but for the redundant ones, independent, which makes selection easier than in most real tables.
 *
 * <p>A row's features depend on the seed and its number alone: a longer table begins with those of a shorter one.
 *
 * @param rows at least 1
 * @param columns what the columns are
 * @param outcome what the target is
 * @param shift what moves the target besides its columns
 */
public record Tables(int rows, Columns columns, Outcome outcome, Shift shift) {
    private static final int REFERENCE = 20_001; // rows whose scores say where a share begins
    private static final double COPY_NOISE = 0.1; // deviation, of redundant columns

    /** Checks the number of rows. */
    public Tables {
        Draw.atLeast("rows", rows, 1);
    }

    /**
     * How many columns there are of each kind.
     *
     * @param linear that count by themselves
     * @param pairs of columns that count as a product, two columns each
     * @param redundant mixtures of two columns that count
     * @param noise that count for nothing
     */
    public record Columns(int linear, int pairs, int redundant, int noise) {
        /** Checks the numbers. */
        public Columns {
            Draw.atLeast("linear columns", linear, 0);
            Draw.atLeast("pairs of columns", pairs, 0);
            Draw.atLeast("redundant columns", redundant, 0);
            Draw.atLeast("noise columns", noise, 0);
            if (linear + pairs == 0) {
                throw new InputException("columns that count must be at least 1; got 0");
            }
        }

        /** Returns how many columns count. */
        public int relevant() {
            return linear + 2 * pairs;
        }

        /** Returns how many columns there are. */
        public int all() {
            return relevant() + redundant + noise;
        }
    }

    /** What the target is. */
    public sealed interface Outcome {
        /**
         * The score plus normal noise.
         *
         * @param noiseShare of the target's variance, in [0, 1), shift aside: whoever knows the score has R² = 1 − noiseShare
         */
        record Regression(double noiseShare) implements Outcome {
            /** Checks the share. */
            public Regression {
                Draw.within("the noise's share", noiseShare, 0, 1);
            }
        }

        /**
         * Class 1 where the score is high, else 0.
         *
         * @param positiveShare of the rows that have class 1 before labels are flipped, within a percentage point
         * @param flipped share of the labels that are wrong, in [0, 0.5): whoever knows the score is right 1 − flipped of the time
         */
        record Binary(double positiveShare, double flipped) implements Outcome {
            /** Checks the shares. */
            public Binary {
                Draw.within("the share of flipped labels", flipped, 0, 0.5);
                if (!(positiveShare > 0 && positiveShare < 1)) {
                    throw new InputException("the positive share must be between 0 and 1; got " + positiveShare);
                }
            }
        }

        /**
         * The class with the highest of as many scores, all over the same columns.
         *
         * @param classes at least 2
         * @param flipped share of the labels that are another class, in [0, 0.5)
         */
        record Classes(int classes, double flipped) implements Outcome {
            /** Checks the values. */
            public Classes {
                Draw.atLeast("classes", classes, 2);
                Draw.within("the share of flipped labels", flipped, 0, 0.5);
            }
        }
    }

    /**
     * What moves the score besides the columns. Every row belongs to a group and has a time in [0, 1), rising from row to row.
     *
     * @param groups at least 1
     * @param groupDeviation deviation of the number that a group adds to each score of its rows
     * @param drift what is added to the last score at time 1, growing evenly from 0 at time 0
     */
    public record Shift(int groups, double groupDeviation, double drift) {
        /** Checks the values. */
        public Shift {
            Draw.atLeast("groups", groups, 1);
            if (!(groupDeviation >= 0 && Double.isFinite(groupDeviation) && Double.isFinite(drift))) {
                throw new InputException("the groups' deviation must be at least 0, and drift finite; got "
                        + groupDeviation + " and " + drift);
            }
        }

        /** Returns one group and no drift. */
        public static Shift none() {
            return new Shift(1, 0, 0);
        }
    }

    /** Returns tables without a shift. */
    public static Tables of(int rows, Columns columns, Outcome outcome) {
        return new Tables(rows, columns, outcome, Shift.none());
    }

    /** Returns these tables with a shift. */
    public Tables withShift(Shift newShift) {
        return new Tables(rows, columns, outcome, newShift);
    }

    /** Draws the table of a seed. */
    public Table draw(long seed) {
        TableTruth truth = TableTruth.draw(this, seed);
        Draw values = new Draw(seed, "tables.values");
        Draw noise = new Draw(seed, "tables.noise");
        double[][] features = new double[rows][];
        double[] target = new double[rows];
        int[] groups = new int[rows];
        double[] times = new double[rows];
        for (int row = 0; row < rows; row++) {
            features[row] = truth.row(values, row);
            groups[row] = noise.below(shift.groups(), row, 0);
            times[row] = (double) row / rows;
            target[row] = truth.target(truth.scores(features[row], groups[row], times[row]), noise, row);
        }
        return new Table(features, target, groups, times, truth);
    }

    /** The score above which a share of the rows lies, from rows of a purpose of their own. */
    double threshold(TableTruth truth, long seed, double share) {
        Draw values = new Draw(seed, "tables.reference");
        Draw places = new Draw(seed, "tables.reference.places");
        double[] scores = new double[REFERENCE];
        for (int row = 0; row < REFERENCE; row++) {
            double[] x = truth.row(values, row);
            scores[row] = truth.scores(x, places.below(shift.groups(), row, 0), places.uniform(row, 1))[0];
        }
        Arrays.sort(scores);
        return scores[(int) Math.round((1 - share) * (REFERENCE - 1))];
    }

    static double copyNoise() {
        return COPY_NOISE;
    }
}
