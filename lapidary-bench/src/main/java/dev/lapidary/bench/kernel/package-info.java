/** What the machine itself can do: loops that read memory and multiply, for shares of a limit. */
@NullMarked
package dev.lapidary.bench.kernel;

import org.jspecify.annotations.NullMarked;
