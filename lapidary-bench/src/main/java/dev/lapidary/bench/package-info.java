/** Benchmarks that print a ratio of two things measured in one run. */
@NullMarked
package dev.lapidary.bench;

import org.jspecify.annotations.NullMarked;
