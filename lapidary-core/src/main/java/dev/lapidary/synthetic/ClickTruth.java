package dev.lapidary.synthetic;

import java.util.Arrays;

/** What a log of {@link ClickLogs} was made from. */
public final class ClickTruth {
    private final ClickLogs logs;
    private final double[][] users; // [users, factors]
    private final double[][] items; // [items, factors]
    private final double[][] effects; // [fields, values], 0 of useless ones
    private final int[] ranks; // of the items, 0 for the most popular
    private final int[] useful;

    ClickTruth(ClickLogs logs, long seed) {
        this.logs = logs;
        users = normal(new Draw(seed, "clicks.users"), logs.users(), logs.factors());
        items = normal(new Draw(seed, "clicks.items"), logs.items(), logs.factors());
        Draw structure = new Draw(seed, "clicks.structure");
        ranks = structure.permutation(logs.items(), 0);
        useful = Arrays.copyOf(
                structure.permutation(logs.fields().all(), 1), logs.fields().useful());
        Arrays.sort(useful);
        effects = new double[logs.fields().all()][logs.fields().values()];
        Draw draw = new Draw(seed, "clicks.effects");
        for (int f : useful) {
            for (int v = 0; v < effects[f].length; v++) {
                effects[f][v] = draw.normal(f, v);
            }
        }
    }

    private static double[][] normal(Draw draw, int rows, int columns) {
        double[][] values = new double[rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[row][column] = draw.normal(row, column);
            }
        }
        return values;
    }

    /** Returns the fields that count, rising. */
    public int[] usefulFields() {
        return useful.clone();
    }

    /** Returns an item's rank by popularity, 0 for the most popular. */
    public int rank(int item) {
        return ranks[item];
    }

    /** Returns the preference of a user for an item: the part of the log odds that both decide, of rank {@code factors}. */
    public double preference(int user, int item) {
        double product = 0;
        for (int f = 0; f < logs.factors(); f++) {
            product += users[user][f] * items[item][f];
        }
        return logs.strength() * product / Math.sqrt(logs.factors());
    }

    /** Returns the probability that a user clicks an item that is looked at. */
    public double relevance(int user, int item, int[] fields) {
        double odds = logs.base() + preference(user, item);
        for (int f = 0; f < fields.length; f++) {
            odds += logs.strength() * effects[f][fields[f]];
        }
        return 1 / (1 + StrictMath.exp(-odds));
    }

    /** Returns the probability that a slot is looked at. */
    public double examination(int slot) {
        return StrictMath.pow(slot + 1.0, -logs.positionBias());
    }
}
