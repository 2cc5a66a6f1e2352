/** Systems of the family weights: which single weights of a network are kept. */
@NullMarked
package dev.lapidary.systems.weights;

import org.jspecify.annotations.NullMarked;
