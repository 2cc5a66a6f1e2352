/** The native library that reads tokenizer.json files: where it is unpacked, and that it stays off the network. */
@NullMarked
package dev.lapidary.tokenizer;

import org.jspecify.annotations.NullMarked;
