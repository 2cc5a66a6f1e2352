/** What every part of Lapidary shares: bad input, progress, cancellation, and what the class path brings. */
@NullMarked
package dev.lapidary.runtime;

import org.jspecify.annotations.NullMarked;
