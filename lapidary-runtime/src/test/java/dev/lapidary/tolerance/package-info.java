/** Tolerances of tests that follow from the arithmetic. */
@NullMarked
package dev.lapidary.tolerance;

import org.jspecify.annotations.NullMarked;
