/** Decoder language models: Hugging Face folders read and written, text to tokens, training, perplexity and generation. */
@NullMarked
package dev.lapidary.language;

import org.jspecify.annotations.NullMarked;
