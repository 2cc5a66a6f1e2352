/** Mutates small files of every format that is read, and accepts only documented exceptions. */
@NullMarked
package dev.lapidary.bench.fuzz;

import org.jspecify.annotations.NullMarked;
