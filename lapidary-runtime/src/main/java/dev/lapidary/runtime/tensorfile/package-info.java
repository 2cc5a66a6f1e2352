/** Opens a file of named tensors, whatever its format. */
@NullMarked
package dev.lapidary.runtime.tensorfile;

import org.jspecify.annotations.NullMarked;
