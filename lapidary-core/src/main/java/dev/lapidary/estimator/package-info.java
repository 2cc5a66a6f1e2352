/** Estimators of the gradient of an expected loss in the logits of categorical choices: relaxed, straight-through, by score, exact. */
@NullMarked
package dev.lapidary.estimator;

import org.jspecify.annotations.NullMarked;
