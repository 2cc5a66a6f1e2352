package dev.lapidary.runtime.model;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.generate.TextGenerator;
import dev.lapidary.runtime.generate.TokenReader;
import dev.lapidary.runtime.generate.TokenReaders;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.packed.PackedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A decoder language model with frozen weights, dense or 2:4, that runs in pure Java.
 *
 * <p>Safe for several threads: the weights are shared, each text has a {@link Session} of its own, and generating or scoring opens
 * one for itself. Results do not depend on the number of threads. Closing closes the sessions and the weights.
 *
 * {@snippet :
 * try (Model model = Model.open(Path.of("model.lapidary"))) {
 *     model.generate("Once upon a time", GenerateOptions.defaults(), System.out::print);
 * }
 * }
 */
public final class Model implements AutoCloseable, TokenReaders {
    private final ModelConfig config;
    private final DecoderWeights weights;
    private final @Nullable TextCodec tokenizer;
    private final MatrixProducts products;
    private final Arena arena = Arena.ofShared();
    private final RotaryTable rotary;
    private final DecoderBlocks blocks;
    private final @Nullable Model base; // whose threads and weights this one shares
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Set<Model> views = ConcurrentHashMap.newKeySet();
    private volatile boolean verified; // whether checksums were compared
    private volatile boolean closed;

    private Model(
            ModelConfig config,
            DecoderWeights weights,
            @Nullable TextCodec tokenizer,
            MatrixProducts products,
            @Nullable Model base) {
        this.config = config;
        this.weights = weights;
        this.tokenizer = tokenizer;
        this.products = products;
        this.base = base;
        try {
            this.rotary = new RotaryTable(config, arena);
            this.blocks = DecoderBlocks.of(config, new WeightBinder(config, weights, arena), products, rotary);
        } catch (RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    /**
     * Opens a file with as many threads as there are processors, as {@link #open(Path, int, PackedFile.Verify)} does; checksums
     * are compared lazily.
     */
    public static Model open(Path file) throws IOException {
        return open(file, Runtime.getRuntime().availableProcessors(), PackedFile.Verify.LAZILY);
    }

    /**
     * Opens a packed file, whose weights are mapped, not copied; or a GGUF file, whose quantised weights are copied into memory.
     *
     * @param threads of the matrix products and of attention
     * @param verify when checksums are compared: at once, which reads the whole file, or when the first token is read, which then
     *     throws {@link InputException}. GGUF files have none
     * @throws InputException in one line where the file is malformed, or no whole model
     */
    public static Model open(Path file, int threads, PackedFile.Verify verify) throws IOException {
        return ModelFiles.open(file, threads, verify);
    }

    /**
     * Makes a model of its parts.
     *
     * @param weights closed with the model
     * @param tokenizer needed for {@link #generate} only
     * @param threads of the matrix products and of attention
     * @throws InputException where a weight has another shape than the model says; the weights then stay open
     */
    public static Model of(ModelConfig config, DecoderWeights weights, @Nullable TextCodec tokenizer, int threads) {
        MatrixProducts products = new MatrixProducts(threads);
        try {
            return new Model(config, weights, tokenizer, products, null);
        } catch (RuntimeException | Error failed) {
            products.close();
            throw failed;
        }
    }

    /**
     * Returns the same model under the 2:4 matrices of a mask file, which names this one's file by its {@link #digest}. Both share
     * all other weights and the threads; closing this model closes it too.
     *
     * @throws InputException where the mask file is malformed or was made for another base
     */
    public synchronized Model withMask(Path maskFile) throws IOException {
        if (closed) {
            throw new IllegalStateException("a model must be open; got a closed one");
        }
        PackedFile mask = PackedFile.open(maskFile, PackedFile.Verify.LAZILY);
        try {
            Model view = new Model(config, MaskedWeights.of(packed(), maskFile, mask), tokenizer, products, this);
            views.add(view);
            return view;
        } catch (InputException bad) {
            mask.close();
            throw InputException.in(maskFile.toString(), bad);
        } catch (RuntimeException | Error failed) {
            mask.close();
            throw failed;
        }
    }

    /** Returns what mask files name this model's packed file by: the SHA-256 over its config and its tensors' checksums. */
    public String digest() {
        return packed().file().digest();
    }

    private PackedWeights packed() {
        if (weights instanceof PackedWeights packed) {
            return packed;
        }
        throw new InputException(
                "the base of a mask must be a packed file without a mask of its own; got another model");
    }

    /** Returns the model's shape. */
    public ModelConfig config() {
        return config;
    }

    @Override
    public int vocabulary() {
        return config.vocabulary();
    }

    @Override
    public int context() {
        return config.context();
    }

    /** Returns the tokenizer that came with the weights. */
    public TextCodec tokenizer() {
        if (tokenizer == null) {
            throw new InputException("a model must have a tokenizer to read text; got one without");
        }
        return tokenizer;
    }

    @Override
    public TokenReader open(int capacity) {
        return newSession(capacity);
    }

    /** Opens a session, which the caller closes, for texts as long as the model's context. */
    public Session newSession() {
        return newSession(config.context());
    }

    /**
     * Opens a session, which the caller closes.
     *
     * @param capacity most tokens of its text, at most the model's context
     * @throws InputException where the capacity is out of bounds, or its memory not free
     */
    public Session newSession(int capacity) {
        return newSession(capacity, false);
    }

    private Session newSession(int capacity, boolean scores) {
        if (capacity < 1 || capacity > config.context()) {
            throw new InputException("tokens of a text must be from 1 to the model's context, " + config.context()
                    + "; got " + capacity);
        }
        long bytes = sessionBytes(capacity);
        long available = MemoryLimit.available();
        if (bytes > available) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "a session's memory must be free; got %d tokens that need %.3f GB where %.3f GB are free",
                    capacity,
                    bytes / 1e9,
                    available / 1e9));
        }
        rotary.reach(capacity);
        Session session = new Session(this, blocks, products, capacity, scores);
        sessions.add(session);
        if (closed) { // meanwhile
            session.close();
            throw new IllegalStateException("a model must be open; got a closed one");
        }
        return session;
    }

    /** Returns the bytes of native memory that a session of {@code capacity} tokens takes. */
    public long sessionBytes(int capacity) {
        return Session.bytes(config, capacity, products.threads());
    }

    /**
     * Checks that the weights' files were not shortened, and compares the checksums of all matrices that were not compared yet: the
     * first token needs every one.
     */
    void verify() {
        weights.requireWhole();
        if (!verified) {
            ParameterLayout.shapes(config).forEach((name, shape) -> {
                if (shape.size() > 1) {
                    weights.verify(name);
                }
            });
            verified = true;
        }
    }

    void forget(Session session) {
        sessions.remove(session);
    }

    /** Continues a prompt as {@link #generate(String, GenerateOptions, Consumer, Cancellation)} does. */
    public Generated generate(String prompt, GenerateOptions options, Consumer<String> onText) {
        return generate(prompt, options, onText, Cancellation.none());
    }

    /**
     * Continues a prompt.
     *
     * @param onText gets the text piece by piece as it comes, whole characters only, never a part of a stop text
     * @return the pieces together, and how it ended
     */
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        return new TextGenerator(this, tokenizer()).generate(prompt, options, onText, cancellation);
    }

    /**
     * Scores a text.
     *
     * @param tokens at least two, at most the model's context and one
     * @return the log-probability, in nats, of each token but the first after all before it, [tokens − 1]
     * @throws InputException where one is NaN or infinite, as with damaged weights
     */
    public double[] score(int[] tokens, Cancellation cancellation) {
        if (tokens.length < 2) {
            throw new InputException("a text to score must have at least two tokens; got " + tokens.length);
        }
        TextWindows.requireRows(config, tokens);
        int[] inputs = Arrays.copyOf(tokens, tokens.length - 1);
        int[] targets = Arrays.copyOfRange(tokens, 1, tokens.length);
        try (Session session = newSession(inputs.length, true)) {
            return session.logProbabilities(inputs, targets, 0, cancellation);
        }
    }

    /**
     * Measures perplexity on a text.
     *
     * @param tokens the whole text, with the beginning-of-text token where the tokenizer adds it
     * @param context L, at most the model's
     * @param begin the beginning-of-text token that llama.cpp's protocol puts at the start of every window; empty where the
     *     tokenizer adds none
     * @throws InputException where the text is shorter than a window, the context out of bounds, a token without a row in the model,
     *     or the model's loss not a number
     */
    public PerplexityResult perplexity(
            int[] tokens,
            Protocol protocol,
            int context,
            OptionalInt begin,
            Progress progress,
            Cancellation cancellation) {
        TextWindows.require(config, tokens, protocol, context);
        TextWindows.requireRows(config, tokens);
        TextWindows windows = new TextWindows(tokens, protocol, context, begin);
        try (Session session = newSession(context, true)) {
            return new WindowScores(session, windows, progress, cancellation).measure(protocol, context, tokens.length);
        }
    }

    /** Closes the sessions, when their calls under way have ended, then the weights. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        views.forEach(Model::close);
        sessions.forEach(Session::close);
        if (base == null) {
            products.close();
        } else {
            base.views.remove(this);
        }
        arena.close();
        weights.close();
    }
}
