/** Audits of what the concepts of a classifier leak and miss, and of whether their names mean what they say. */
@NullMarked
package dev.lapidary.concept.audit;

import org.jspecify.annotations.NullMarked;
