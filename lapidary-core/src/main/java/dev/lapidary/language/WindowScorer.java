package dev.lapidary.language;

/** Foretells the tokens of windows. */
@FunctionalInterface
interface WindowScorer {
    /**
     * Equally long windows.
     *
     * @param inputs [count, length] token ids
     * @param targets [count, length] the token to foretell at each position, from the inputs up to it
     * @param skip positions at the start of each window that are not scored
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Windows(long[] inputs, long[] targets, int count, int length, int skip) {}

    /** Returns −ln p(target), for each window in turn and each of its scored positions, [count, length − skip]. */
    double[] losses(Windows windows);
}
