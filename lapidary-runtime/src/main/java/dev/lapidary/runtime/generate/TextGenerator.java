package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Continues texts token by token.
 *
 * <p>Where the context is full, its newer half is read again as if the text began there (behind the beginning-of-text token, where
 * the tokenizer adds one), and generation goes on; a prompt longer than the context is read from its end in the same way. On one
 * machine, the same seed and options give the same text. Safe for several threads where model and codec are.
 */
public final class TextGenerator {
    private final TokenReaders model;
    private final TextCodec codec;

    /** Makes one that uses, and does not close, a model and its tokenizer. */
    public TextGenerator(TokenReaders model, TextCodec codec) {
        this.model = model;
        this.codec = codec;
    }

    /**
     * Continues a prompt.
     *
     * @param onText gets the text piece by piece as it comes, whole characters only, never a part of a stop text
     * @return the pieces together, and how it ended
     */
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        int[] ids = prompt(prompt, cancellation);
        int capacity = (int) Math.min(model.context(), (long) ids.length + options.maxTokens());
        try (TokenReader reader = model.open(capacity)) {
            return new Run(ids, options, reader, cancellation).generate(onText);
        }
    }

    private int[] prompt(String prompt, Cancellation cancellation) {
        int[] ids = codec.encode(prompt, cancellation);
        if (ids.length == 0) {
            OptionalInt begin = codec.bos().isPresent() ? codec.bos() : codec.eos();
            ids = new int[] {
                begin.orElseThrow(() -> new InputException(
                        "a prompt must have a token where the tokenizer has none that begins a text; got an empty one"))
            };
        }
        for (int id : ids) {
            if (id >= model.vocabulary()) {
                throw new InputException(
                        "every token of the prompt must have a row in the model's embedding; got token " + id + " and "
                                + model.vocabulary() + " rows");
            }
        }
        return ids;
    }

    /** One continuation under way. */
    private final class Run {
        private final int[] prompt;
        private final GenerateOptions options;
        private final TokenReader reader;
        private final Cancellation cancellation;
        private final TokenSampler sampler;
        private final TokenText text;
        private final int candidates = Math.min(model.vocabulary(), codec.vocabulary());
        private int restarts;

        Run(int[] prompt, GenerateOptions options, TokenReader reader, Cancellation cancellation) {
            this.prompt = prompt;
            this.options = options;
            this.reader = reader;
            this.cancellation = cancellation;
            this.sampler = new TokenSampler(options);
            this.text = new TokenText(codec::decode, prompt);
        }

        Generated generate(Consumer<String> onText) {
            long begin = System.nanoTime();
            StringBuilder all = new StringBuilder();
            StopFilter filter = new StopFilter(options.stops(), piece -> {
                all.append(piece);
                onText.accept(piece);
            });
            Generated.Finish finish = null;
            int tokens = 0;
            int[] next = prompt;
            while (finish == null) {
                cancellation.check();
                int token = sampler.draw(read(next), candidates);
                tokens++;
                if (codec.ends().contains(token)) {
                    finish = Generated.Finish.END;
                } else if (filter.accept(text.add(token))) {
                    finish = Generated.Finish.STOP;
                } else if (tokens == options.maxTokens()) {
                    finish = Generated.Finish.LENGTH;
                }
                next = new int[] {token};
            }
            if (finish != Generated.Finish.STOP) {
                finish = filter.accept(text.end()) ? Generated.Finish.STOP : finish;
                filter.end();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new Generated(all.toString(), prompt.length, tokens, finish, restarts, seconds);
        }

        /** The logits after the next tokens, or after the newer half of the context where they do not fit. */
        private float[] read(int[] next) {
            if (reader.length() + next.length <= reader.capacity()) {
                return reader.read(next, cancellation);
            }
            restarts++;
            reader.truncate(0);
            return reader.read(newer(), cancellation);
        }

        private int[] newer() {
            int[] last = text.last(Math.max(1, model.context() / 2));
            if (codec.addsBos() && model.context() > 2) {
                last[0] = prompt[0];
            }
            return last;
        }
    }
}
