/** Where concepts come from: proposals by WordNet, a corpus or a chat model, filters, and embeddings that somebody else made. */
@NullMarked
package dev.lapidary.concept.vocabulary;

import org.jspecify.annotations.NullMarked;
