/** Trains a pair of encoders, one for images and one for texts, so that an image and its caption lie side by side. */
@NullMarked
package dev.lapidary.contrast;

import org.jspecify.annotations.NullMarked;
