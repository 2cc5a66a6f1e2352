/** Row 1 of the catalogue: Sparse-CBM's concept bottleneck layers, and Concept Matrix Search, on scenes, news and small photographs. */
@NullMarked
package dev.lapidary.systems.sparsecbm;

import org.jspecify.annotations.NullMarked;
