/** Text to token ids and back in pure Java: byte-pair tokenizers as Hugging Face's files describe them. */
@NullMarked
package dev.lapidary.runtime.token;

import org.jspecify.annotations.NullMarked;
