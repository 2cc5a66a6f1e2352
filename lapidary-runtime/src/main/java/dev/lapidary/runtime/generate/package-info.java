/** Turning logits into text: options, draws, stop texts, whole characters. */
@NullMarked
package dev.lapidary.runtime.generate;

import org.jspecify.annotations.NullMarked;
