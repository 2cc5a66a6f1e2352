/** Explanations of a trained concept classifier, interventions on it, and an audit of what its concepts leak. */
@NullMarked
package dev.lapidary.concept.explain;

import org.jspecify.annotations.NullMarked;
