package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.Cancellation;
import java.util.OptionalInt;
import java.util.Set;

/** What generation needs of a tokenizer. */
public interface TextCodec {
    /** Returns the ids of a text, with the tokens that stand before every text. */
    int[] encode(String text);

    /** Returns the ids, and ends early where it is cancelled and can. */
    default int[] encode(String text, Cancellation cancellation) {
        return encode(text);
    }

    /** Returns the text of ids without special tokens. */
    String decode(int[] ids);

    /** Returns how many ids there are; a model may have more rows, which no token has. */
    int vocabulary();

    /** Returns the id that begins a text. */
    OptionalInt bos();

    /** Returns the id that ends a text, the first where there are several. */
    OptionalInt eos();

    /** Whether {@link #encode} puts tokens before the text. */
    boolean addsBos();

    /** Returns all ids that end a text. */
    Set<Integer> ends();
}
