/** Reads npy and npz files of NumPy, and writes npz. */
@NullMarked
package dev.lapidary.runtime.npy;

import org.jspecify.annotations.NullMarked;
