/** Trains concept bottlenecks: maps from named concept scores to classes, how they are fitted, sparsified and measured. */
@NullMarked
package dev.lapidary.concept.bottleneck;

import org.jspecify.annotations.NullMarked;
