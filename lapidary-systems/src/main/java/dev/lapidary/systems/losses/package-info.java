/** Systems of the family losses. */
@NullMarked
package dev.lapidary.systems.losses;

import org.jspecify.annotations.NullMarked;
