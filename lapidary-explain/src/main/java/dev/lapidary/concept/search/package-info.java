/** Concept Matrix Search: classifies by comparing concept similarities of items and class names, without training. */
@NullMarked
package dev.lapidary.concept.search;

import org.jspecify.annotations.NullMarked;
