/** Packed language models behind the chat interfaces of langchain4j. */
@NullMarked
package dev.lapidary.langchain4j;

import org.jspecify.annotations.NullMarked;
