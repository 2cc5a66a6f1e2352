/** The small language model that checks of the catalogue share, and the text that it learns from. */
@NullMarked
package dev.lapidary.systems.language;

import org.jspecify.annotations.NullMarked;
