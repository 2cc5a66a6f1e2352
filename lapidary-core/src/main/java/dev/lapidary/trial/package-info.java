/** Trials: arms over the same seeds, what they measured, and verdicts by margins that were fixed before. */
@NullMarked
package dev.lapidary.trial;

import org.jspecify.annotations.NullMarked;
