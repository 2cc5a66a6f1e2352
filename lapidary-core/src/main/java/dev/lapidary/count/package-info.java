/** Counts what layers and nets cost: parameters, bytes and multiply-adds. */
@NullMarked
package dev.lapidary.count;

import org.jspecify.annotations.NullMarked;
