/** Optimisers, and the one schedule of learning rates and temperatures. */
@NullMarked
package dev.lapidary.optim;

import org.jspecify.annotations.NullMarked;
