/** What items are described by: concepts, where they come from, which of them are used, and why. */
@NullMarked
package dev.lapidary.concept;

import org.jspecify.annotations.NullMarked;
