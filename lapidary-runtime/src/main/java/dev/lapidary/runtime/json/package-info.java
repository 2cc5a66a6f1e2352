/** Reads JSON from others as a tree, with messages that name the place. */
@NullMarked
package dev.lapidary.runtime.json;

import org.jspecify.annotations.NullMarked;
