/** Loading PyTorch, its threads and seeds, scopes that free native memory, tensors over memory segments. */
@NullMarked
package dev.lapidary.torch;

import org.jspecify.annotations.NullMarked;
