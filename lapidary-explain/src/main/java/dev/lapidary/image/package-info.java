/** Images from disk to the float32 pixels that an encoder wants: decoding, resizing, preprocessing, reading in order. */
@NullMarked
package dev.lapidary.image;

import org.jspecify.annotations.NullMarked;
