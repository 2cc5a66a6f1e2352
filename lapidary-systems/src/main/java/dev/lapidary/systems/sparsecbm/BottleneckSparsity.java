package dev.lapidary.systems.sparsecbm;

import org.jspecify.annotations.Nullable;

/**
 * How many concepts a fitted bottleneck uses.
 *
 * @param weights from named concepts to classes [K, M], row-major: head and layer multiplied
 * @param width number of concepts M
 * @param open which gates are open [n, M], or null where there are none
 */
@SuppressWarnings("ArrayRecordComponent") // read once
record BottleneckSparsity(float[] weights, int width, boolean @Nullable [] open) {
    private static final double LEAST = 1e-5; // as published for NEC

    /** Returns the mean number of concepts with a weight for a class, of those that speak for any item. */
    double nec() {
        boolean[] ever = ever();
        int present = 0;
        for (int at = 0; at < weights.length; at++) {
            present += Math.abs(weights[at]) > LEAST && ever[at % width] ? 1 : 0;
        }
        return (double) present * width / weights.length;
    }

    /** Returns the mean number of concepts that speak for an item: their gate is open, and a class has a weight for them. */
    double active() {
        boolean[] used = new boolean[width];
        for (int at = 0; at < weights.length; at++) {
            used[at % width] |= Math.abs(weights[at]) > LEAST;
        }
        int count = 0;
        if (open == null) {
            for (boolean each : used) {
                count += each ? 1 : 0;
            }
            return count;
        }
        for (int at = 0; at < open.length; at++) {
            count += open[at] && used[at % width] ? 1 : 0;
        }
        return (double) count * width / open.length;
    }

    private boolean[] ever() {
        boolean[] ever = new boolean[width];
        for (int m = 0; m < width; m++) {
            ever[m] = open == null;
        }
        for (int at = 0; open != null && at < open.length; at++) {
            ever[at % width] |= open[at];
        }
        return ever;
    }
}
