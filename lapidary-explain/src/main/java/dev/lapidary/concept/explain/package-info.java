/** Explanations of a trained concept classifier, interventions on it, prediction sets, and how true its concepts are. */
@NullMarked
package dev.lapidary.concept.explain;

import org.jspecify.annotations.NullMarked;
