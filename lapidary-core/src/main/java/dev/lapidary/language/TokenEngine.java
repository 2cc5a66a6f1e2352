package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.token.Tokenizer;

/** What turns text into tokens: the runtime's own tokenizer where it covers a file, else Hugging Face's library. */
sealed interface TokenEngine extends AutoCloseable permits TokenEngine.Own, LibraryTokens {
    /** Returns the ids of a text without special tokens, but for those that the text itself spells out. */
    int[] encodePlain(String text, Cancellation cancellation);

    /** Returns the ids that the file's own template puts before every text. */
    int[] template();

    /** Returns the text of ids. */
    String decode(int[] ids, boolean skipSpecial);

    @Override
    void close();

    /** The runtime's, which packed files have too: a folder and its packed file give the same tokens. */
    record Own(Tokenizer tokenizer) implements TokenEngine {
        @Override
        public int[] encodePlain(String text, Cancellation cancellation) {
            return tokenizer.encodePlain(text, cancellation);
        }

        @Override
        public int[] template() {
            return tokenizer.encode("");
        }

        @Override
        public String decode(int[] ids, boolean skipSpecial) {
            return tokenizer.decode(ids, skipSpecial);
        }

        @Override
        public void close() {}
    }
}
