/** Sentence encoders and the cache of their embeddings on disk. */
@NullMarked
package dev.lapidary.encode;

import org.jspecify.annotations.NullMarked;
