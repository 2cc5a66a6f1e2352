package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.generate.TextGenerator;
import dev.lapidary.runtime.generate.TokenReader;
import dev.lapidary.runtime.generate.TokenReaders;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/** Continues texts token by token on PyTorch, as {@link TextGenerator} says; the number of threads may change roundings. */
public final class Generator {
    private final TextGenerator generator;

    /**
     * Makes one that uses, and does not close, a model and its tokenizer.
     *
     * @throws InputException where the tokenizer has tokens without a row in the model
     */
    public Generator(LanguageModel model, TextTokenizer tokenizer) {
        tokenizer.requireFits(model.config().vocabulary());
        generator = new TextGenerator(new Readers(model), new Codec(tokenizer));
    }

    /**
     * Continues a prompt.
     *
     * @param onText gets the text piece by piece as it comes, whole characters only, never a part of a stop text
     * @return the pieces together, and how it ended
     */
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        return generator.generate(prompt, options, onText, cancellation);
    }

    private record Readers(LanguageModel model) implements TokenReaders {
        @Override
        public int vocabulary() {
            return model.config().vocabulary();
        }

        @Override
        public int context() {
            return model.config().context();
        }

        @Override
        public TokenReader open(int capacity) {
            return new Reader(model, model.newCache(capacity));
        }
    }

    private record Reader(LanguageModel model, KeyValueCache cache) implements TokenReader {
        @Override
        public int capacity() {
            return cache.capacity();
        }

        @Override
        public int length() {
            return cache.length();
        }

        @Override
        public void truncate(int positions) {
            cache.truncate(positions);
        }

        @Override
        public float[] read(int[] tokens, Cancellation cancellation) {
            try (var scope = TorchScope.open()) {
                return Tensors.toFloats(
                        model.next(Arrays.stream(tokens).asLongStream().toArray(), cache));
            }
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    /** A tokenizer as generation wants it: special tokens are no text. */
    record Codec(TextTokenizer tokenizer) implements TextCodec {
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
}
