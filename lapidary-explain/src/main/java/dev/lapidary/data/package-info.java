/** Labelled items: reading them from files, splitting them without leakage, and their embeddings. */
@NullMarked
package dev.lapidary.data;

import org.jspecify.annotations.NullMarked;
