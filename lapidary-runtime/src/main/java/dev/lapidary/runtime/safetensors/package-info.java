/** Reads and writes safetensors files. */
@NullMarked
package dev.lapidary.runtime.safetensors;

import org.jspecify.annotations.NullMarked;
