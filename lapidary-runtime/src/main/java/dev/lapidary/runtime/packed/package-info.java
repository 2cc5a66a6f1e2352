/** Reads and writes packed models and masks, the files that the runtime maps and runs. */
@NullMarked
package dev.lapidary.runtime.packed;

import org.jspecify.annotations.NullMarked;
