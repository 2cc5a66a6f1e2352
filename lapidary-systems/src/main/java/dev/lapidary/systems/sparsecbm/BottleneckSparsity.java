package dev.lapidary.systems.sparsecbm;

/**
 * How many concepts a fitted bottleneck uses.
 *
 * @param weights from named concepts to classes [K, M], row-major: head and layer multiplied
 * @param kept which concepts are in the layer [M]
 */
@SuppressWarnings("ArrayRecordComponent") // read once
record BottleneckSparsity(float[] weights, boolean[] kept) {
    private static final double LEAST = 1e-5; // as published for NEC

    private boolean present(int at) {
        return kept[at % kept.length] && Math.abs(weights[at]) > LEAST;
    }

    /** Returns NEC: the mean over classes of the number of concepts with a weight. */
    double nec() {
        int present = 0;
        for (int at = 0; at < weights.length; at++) {
            present += present(at) ? 1 : 0;
        }
        return (double) present * kept.length / weights.length;
    }

    /** Returns the number of concepts with a weight for any class. */
    int active() {
        boolean[] used = new boolean[kept.length];
        int count = 0;
        for (int at = 0; at < weights.length; at++) {
            int m = at % kept.length;
            count += present(at) && !used[m] ? 1 : 0;
            used[m] |= present(at);
        }
        return count;
    }
}
