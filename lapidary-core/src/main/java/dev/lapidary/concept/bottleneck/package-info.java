/** Concept bottlenecks: maps from named concept scores to classes, how they are trained, sparsified, measured and stored. */
@NullMarked
package dev.lapidary.concept.bottleneck;

import org.jspecify.annotations.NullMarked;
