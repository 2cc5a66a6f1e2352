package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.generate.StopFilter;
import dev.lapidary.runtime.generate.TokenSampler;
import dev.lapidary.runtime.generate.TokenText;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Continues texts token by token.
 *
 * <p>Where the context is full, its newer half is read again as if the text began there (behind the beginning-of-text token, where
 * the tokenizer adds one), and generation goes on; a prompt longer than the context is read from its end in the same way. The same
 * seed, options and number of threads give the same text.
 */
public final class Generator {
    private final LanguageModel model;
    private final TextTokenizer tokenizer;

    /**
     * Makes one that uses, and does not close, a model and its tokenizer.
     *
     * @throws InputException where the tokenizer has tokens without a row in the model
     */
    public Generator(LanguageModel model, TextTokenizer tokenizer) {
        tokenizer.requireFits(model.config().vocabulary());
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /**
     * Continues a prompt.
     *
     * @param onText gets the text piece by piece as it comes, whole characters only, never a part of a stop text
     * @return the pieces together, and how it ended
     */
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        int[] ids = prompt(prompt);
        try (var run = new Run(ids, options)) {
            return run.generate(onText, cancellation);
        }
    }

    private int[] prompt(String prompt) {
        int[] ids = tokenizer.encode(prompt);
        if (ids.length == 0) {
            OptionalInt begin = tokenizer.bos().isPresent() ? tokenizer.bos() : tokenizer.eos();
            ids = new int[] {
                begin.orElseThrow(() -> new InputException(
                        "a prompt must have a token where the tokenizer has none that begins a text; got an empty one"))
            };
        }
        for (int id : ids) {
            if (id >= model.config().vocabulary()) {
                throw new InputException(
                        "every token of the prompt must have a row in the model's embedding; got token " + id + " and "
                                + model.config().vocabulary() + " rows");
            }
        }
        return ids;
    }

    /** One continuation under way. */
    private final class Run implements AutoCloseable {
        private final int[] prompt;
        private final GenerateOptions options;
        private final TokenSampler sampler;
        private final TokenText text;
        private final KeyValueCache cache;
        private final int context = model.config().context();
        private int restarts;

        Run(int[] prompt, GenerateOptions options) {
            this.prompt = prompt;
            this.options = options;
            this.sampler = new TokenSampler(options);
            this.text = new TokenText(tokens -> tokenizer.decode(tokens, true), prompt);
            this.cache = model.newCache((int) Math.min(context, (long) prompt.length + options.maxTokens()));
        }

        Generated generate(Consumer<String> onText, Cancellation cancellation) {
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
                int token = sampler.draw(read(next));
                tokens++;
                if (tokenizer.ends().contains(token)) {
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

        /** The logits of the tokenizer's tokens after the next tokens, or after the newer half of the context where they do not fit. */
        private float[] read(int[] next) {
            int[] tokens = next;
            if (cache.length() + next.length > cache.capacity()) {
                restarts++;
                cache.truncate(0);
                tokens = newer();
            }
            try (var scope = TorchScope.open()) {
                float[] logits = Tensors.toFloats(
                        model.next(Arrays.stream(tokens).asLongStream().toArray(), cache));
                // an embedding is often padded with rows that no token has
                return Arrays.copyOf(logits, Math.min(logits.length, tokenizer.vocabulary()));
            }
        }

        private int[] newer() {
            int[] last = text.last(Math.max(1, context / 2));
            if (tokenizer.addsBos() && context > 2) {
                last[0] = prompt[0];
            }
            return last;
        }

        @Override
        public void close() {
            cache.close();
        }
    }
}
