/** The one training loop: progress, metrics, checkpoints, resume and early stopping for whatever is trained. */
@NullMarked
package dev.lapidary.train;

import org.jspecify.annotations.NullMarked;
