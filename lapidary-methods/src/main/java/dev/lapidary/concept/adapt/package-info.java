/** Tunes encoders for concepts: the joint loss of a bottleneck, which low-rank adapters of an image network follow. */
@NullMarked
package dev.lapidary.concept.adapt;

import org.jspecify.annotations.NullMarked;
