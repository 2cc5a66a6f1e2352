/** The catalogue: every published system with its claim, its check and its evidence. */
@NullMarked
package dev.lapidary.systems;

import org.jspecify.annotations.NullMarked;
