package dev.lapidary.language;

import dev.lapidary.runtime.model.TextWindows;

/** Predicts the tokens of windows. */
@FunctionalInterface
interface WindowScorer {
    /** Returns −ln p(target), for each window in turn and each of its scored positions, [count, length − skip]. */
    double[] losses(TextWindows.Batch windows);
}
