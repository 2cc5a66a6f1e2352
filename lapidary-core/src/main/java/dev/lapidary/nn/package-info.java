/** Layers, small nets and their parameters by name. */
@NullMarked
package dev.lapidary.nn;

import org.jspecify.annotations.NullMarked;
