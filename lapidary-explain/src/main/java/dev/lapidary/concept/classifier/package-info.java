/** A trained concept classifier: how it scores and predicts, what training measured, and how it is stored; without PyTorch. */
@NullMarked
package dev.lapidary.concept.classifier;

import org.jspecify.annotations.NullMarked;
