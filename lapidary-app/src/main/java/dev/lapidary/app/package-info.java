/** The command line's entry. */
@NullMarked
package dev.lapidary.app;

import org.jspecify.annotations.NullMarked;
