package dev.lapidary.runtime.token;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a model says about its tokens beside the tokenizer itself.
 *
 * @param bos the id that begins a text
 * @param eos the id that ends a text, the first where there are several
 * @param ends all ids that end a text
 * @param addsBos whether encoding puts tokens before a text
 */
public record SpecialTokens(OptionalInt bos, OptionalInt eos, Set<Integer> ends, boolean addsBos) {
    /** Copies the set, in its order. */
    public SpecialTokens {
        ends = Collections.unmodifiableSet(new LinkedHashSet<>(ends));
    }
}
