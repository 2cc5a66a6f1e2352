/** Which N of every M input weights of a language model to keep: one-shot methods, learned masks, their files and budgets. */
@NullMarked
package dev.lapidary.sparsity;

import org.jspecify.annotations.NullMarked;
