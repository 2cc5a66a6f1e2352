/** Files of named tensors (safetensors, npy, npz), files that appear whole or not at all, and the cache folder. */
@NullMarked
package dev.lapidary.runtime.file;

import org.jspecify.annotations.NullMarked;
