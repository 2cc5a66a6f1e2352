package dev.lapidary.concept.explain;

import java.util.Arrays;

/**
 * Pairs rows with columns, one to one, at the least total cost: the Hungarian algorithm by shortest augmenting paths, in time k³.
 *
 * @see <a href="https://doi.org/10.1007/BF02278710">Jonker and Volgenant 1987, A shortest augmenting path algorithm</a>
 */
final class LeastCostMatching {
    private static final int NONE = -1;

    private final double[][] cost; // [k, k]
    private final double[] rowPrice;
    private final double[] columnPrice;
    private final int[] rowOf; // by column

    private LeastCostMatching(double[][] cost) {
        this.cost = cost;
        rowPrice = new double[cost.length];
        columnPrice = new double[cost.length];
        rowOf = new int[cost.length];
        Arrays.fill(rowOf, NONE);
    }

    /**
     * Returns the column of each row.
     *
     * @param cost of pairing a row with a column, finite [k, k]
     */
    static int[] columns(double[][] cost) {
        LeastCostMatching matching = new LeastCostMatching(cost);
        for (int row = 0; row < cost.length; row++) {
            matching.add(row);
        }
        int[] columns = new int[cost.length];
        for (int column = 0; column < cost.length; column++) {
            columns[matching.rowOf[column]] = column;
        }
        return columns;
    }

    /** Gives a row a column, along the cheapest path of rows that move on to other columns. */
    private void add(int added) {
        int size = cost.length;
        double[] distance = new double[size]; // to each column from the rows reached
        int[] from = new int[size]; // column whose row reaches this one
        boolean[] reached = new boolean[size];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        int last = NONE;
        int row = added;
        double length = 0;
        while (row != NONE) {
            int next = NONE;
            for (int column = 0; column < size; column++) {
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
        for (int column = 0; column < cost.length; column++) {
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
