/** Tensors in memory that somebody else owns: shapes, element types, reading elements. */
@NullMarked
package dev.lapidary.runtime.tensor;

import org.jspecify.annotations.NullMarked;
