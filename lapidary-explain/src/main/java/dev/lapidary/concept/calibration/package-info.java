/** Calibrated probabilities of a classifier, prediction sets with a stated error rate, and how well both hold on labelled items. */
@NullMarked
package dev.lapidary.concept.calibration;

import org.jspecify.annotations.NullMarked;
