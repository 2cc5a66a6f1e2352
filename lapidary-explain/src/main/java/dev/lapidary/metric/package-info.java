/** Measures how good predictions, rankings, probabilities, clusterings and recovered sets are, in double arithmetic on arrays. */
@NullMarked
package dev.lapidary.metric;

import org.jspecify.annotations.NullMarked;
