package dev.lapidary.runtime.model;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.token.Tokenizer;
import java.util.OptionalInt;
import java.util.Set;

/** A tokenizer as generation wants it: special tokens are no text. */
record TokenizerCodec(Tokenizer tokenizer) implements TextCodec {
    @Override
    public int[] encode(String text) {
        return tokenizer.encode(text);
    }

    @Override
    public int[] encode(String text, Cancellation cancellation) {
        return tokenizer.encode(text, cancellation);
    }

    @Override
    public String decode(int[] ids) {
        return tokenizer.decode(ids, true);
    }

    @Override
    public int vocabulary() {
        return tokenizer.vocabulary();
    }

    @Override
    public OptionalInt bos() {
        return tokenizer.bos();
    }

    @Override
    public OptionalInt eos() {
        return tokenizer.eos();
    }

    @Override
    public boolean addsBos() {
        return tokenizer.addsBos();
    }

    @Override
    public Set<Integer> ends() {
        return tokenizer.ends();
    }
}
