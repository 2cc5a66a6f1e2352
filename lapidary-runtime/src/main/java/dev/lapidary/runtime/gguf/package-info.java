/** Reads and writes GGUF files. */
@NullMarked
package dev.lapidary.runtime.gguf;

import org.jspecify.annotations.NullMarked;
