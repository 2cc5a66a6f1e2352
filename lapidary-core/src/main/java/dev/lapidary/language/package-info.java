/** Language models on PyTorch: reading, training, measuring and generating. */
@NullMarked
package dev.lapidary.language;

import org.jspecify.annotations.NullMarked;
