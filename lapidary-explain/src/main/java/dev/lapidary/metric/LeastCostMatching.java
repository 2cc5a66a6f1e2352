package dev.lapidary.metric;

import java.util.Arrays;

/**
 * Pairs rows with columns, one to one, at the least total cost: the Hungarian algorithm by shortest augmenting paths, in time
 * r²·c for r rows and c ≥ r columns.
 *
 * <p>To match learned factors with planted ones, the cost of a pair is its negative similarity.
 *
 * @see <a href="https://doi.org/10.1007/BF02278710">Jonker and Volgenant 1987, A shortest augmenting path algorithm</a>
 */
public final class LeastCostMatching {
    private static final int NONE = -1;

    private final double[][] cost; // [r, c], r at most c
    private final int width; // c
    private final double[] rowPrice;
    private final double[] columnPrice;
    private final int[] rowOf; // by column

    private LeastCostMatching(double[][] cost) {
        this.cost = cost;
        width = cost[0].length;
        rowPrice = new double[cost.length];
        columnPrice = new double[width];
        rowOf = new int[width];
        Arrays.fill(rowOf, NONE);
    }

    /**
     * Returns the column of each row [r], or −1 for rows without one, of which there are r − c where rows are more than columns.
     *
     * @param cost of pairing a row with a column, finite [r, c]
     */
    public static int[] columns(double[][] cost) {
        requireMatrix(cost);
        if (cost.length > cost[0].length) {
            return match(transposed(cost)).rowOf;
        }
        LeastCostMatching matching = match(cost);
        int[] columns = new int[cost.length];
        for (int column = 0; column < matching.width; column++) {
            if (matching.rowOf[column] != NONE) {
                columns[matching.rowOf[column]] = column;
            }
        }
        return columns;
    }

    private static LeastCostMatching match(double[][] cost) {
        LeastCostMatching matching = new LeastCostMatching(cost);
        for (int row = 0; row < cost.length; row++) {
            matching.add(row);
        }
        return matching;
    }

    private static void requireMatrix(double[][] cost) {
        if (cost.length == 0 || cost[0].length == 0) {
            throw new IllegalArgumentException("costs must have at least 1 row and 1 column; got " + cost.length
                    + " rows" + (cost.length == 0 ? "" : " of 0 columns"));
        }
        for (int row = 0; row < cost.length; row++) {
            if (cost[row].length != cost[0].length) {
                throw new IllegalArgumentException("rows of costs must be equally long, " + cost[0].length + "; got "
                        + cost[row].length + " in row " + row);
            }
            Sizes.requireFinite("costs", cost[row]);
        }
    }

    private static double[][] transposed(double[][] cost) {
        double[][] turned = new double[cost[0].length][cost.length];
        for (int row = 0; row < cost.length; row++) {
            for (int column = 0; column < turned.length; column++) {
                turned[column][row] = cost[row][column];
            }
        }
        return turned;
    }

    /** Gives a row a column, along the cheapest path of rows that move on to other columns. */
    private void add(int added) {
        double[] distance = new double[width]; // to each column from the rows reached
        int[] from = new int[width]; // column whose row reaches this one
        boolean[] reached = new boolean[width];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        int last = NONE;
        int row = added;
        double length = 0;
        while (row != NONE) {
            int next = NONE;
            for (int column = 0; column < width; column++) {
                if (reached[column]) {
                    continue;
                }
                double through = length + cost[row][column] - rowPrice[row] - columnPrice[column];
                if (through < distance[column]) {
                    distance[column] = through;
                    from[column] = last;
                }
                next = next == NONE || distance[column] < distance[next] ? column : next;
            }
            reached[next] = true;
            length = distance[next];
            last = next;
            row = rowOf[next];
        }
        reprice(added, length, distance, reached);
        move(added, last, from);
    }

    /** Keeps every pairing's cost at least the sum of its prices, and equal where it is in use. */
    private void reprice(int added, double length, double[] distance, boolean[] reached) {
        rowPrice[added] += length;
        for (int column = 0; column < width; column++) {
            if (reached[column] && rowOf[column] != NONE) {
                rowPrice[rowOf[column]] += length - distance[column];
            }
            if (reached[column]) {
                columnPrice[column] -= length - distance[column];
            }
        }
    }

    private void move(int added, int last, int[] from) {
        int column = last;
        while (from[column] != NONE) {
            rowOf[column] = rowOf[from[column]];
            column = from[column];
        }
        rowOf[column] = added;
    }
}
