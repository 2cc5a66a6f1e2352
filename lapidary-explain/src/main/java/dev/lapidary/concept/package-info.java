/** What items are described by: concepts by name, lists of them, and the ledger of what became of each. */
@NullMarked
package dev.lapidary.concept;

import org.jspecify.annotations.NullMarked;
