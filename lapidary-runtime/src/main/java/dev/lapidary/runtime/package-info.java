/** What every part of Lapidary shares: bad input, progress and cancellation. */
@NullMarked
package dev.lapidary.runtime;

import org.jspecify.annotations.NullMarked;
