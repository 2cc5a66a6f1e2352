/** Row 62, the Gumbel-Softmax estimator against other estimators of gradients. */
@NullMarked
package dev.lapidary.systems.gumbel;

import org.jspecify.annotations.NullMarked;
