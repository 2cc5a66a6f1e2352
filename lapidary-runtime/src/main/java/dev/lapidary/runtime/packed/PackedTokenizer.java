package dev.lapidary.runtime.packed;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokenizer that a packed file carries.
 *
 * @param json the bytes of a Hugging Face tokenizer.json
 * @param bos the id that begins a text
 * @param eos the id that ends a text, the first where there are several
 * @param ends all ids that end a text
 * @param addsBos whether encoding puts tokens before a text
 */
public record PackedTokenizer(byte[] json, OptionalInt bos, OptionalInt eos, Set<Integer> ends, boolean addsBos) {
    /** Copies the set, in its order. */
    public PackedTokenizer {
        ends = Collections.unmodifiableSet(new LinkedHashSet<>(ends));
    }

    /** Compares the bytes of the JSON text, not the array. */
    @Override
    public boolean equals(Object other) {
        return other instanceof PackedTokenizer that
                && Arrays.equals(json, that.json)
                && bos.equals(that.bos)
                && eos.equals(that.eos)
                && ends.equals(that.ends)
                && addsBos == that.addsBos;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(json), bos, eos, ends, addsBos);
    }
}
