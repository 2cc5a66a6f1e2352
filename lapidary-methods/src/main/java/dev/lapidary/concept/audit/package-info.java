/** An audit of what the concepts of a trained classifier leak and miss. */
@NullMarked
package dev.lapidary.concept.audit;

import org.jspecify.annotations.NullMarked;
