/** Factors matrices, solves linear systems and clusters points, on PyTorch's linear algebra, with the same bytes for the same input. */
@NullMarked
package dev.lapidary.linalg;

import org.jspecify.annotations.NullMarked;
