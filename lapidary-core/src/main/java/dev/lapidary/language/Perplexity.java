package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Locale;
import java.util.OptionalInt;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures perplexity by the three protocols in use, in blocks that never hold all logits.
 *
 * <p>Batches of windows run on several threads, each of which does its own matrix products. Losses are float32 and added up in
 * float64 in the order of the text, so the value does not depend on the number of threads.
 */
public final class Perplexity {
    private static final int BATCH_TOKENS = 2048; // windows run together; more gain nothing on a CPU

    private final int[] tokens;
    private final Protocol protocol;
    private final int context;
    private final OptionalInt begin;

    private Perplexity(int[] tokens, Protocol protocol, int context, OptionalInt begin) {
        this.tokens = tokens;
        this.protocol = protocol;
        this.context = context;
        this.begin = begin;
    }

    /** Measures without a beginning-of-text token. */
    public static PerplexityResult measure(
            LanguageModel model,
            int[] tokens,
            Protocol protocol,
            int context,
            Progress progress,
            Cancellation cancellation) {
        return measure(model, tokens, protocol, context, OptionalInt.empty(), progress, cancellation);
    }

    /**
     * Measures a model on a text.
     *
     * @param tokens the whole text, with the beginning-of-text token where the tokenizer adds it
     * @param context L, at most the model's
     * @param begin the beginning-of-text token that llama.cpp's protocol puts at the start of every window; empty where the
     *     tokenizer adds none
     * @throws InputException where the text is shorter than a window, the context out of bounds, a token without a row in the model,
     *     or the model's loss not a number
     */
    public static PerplexityResult measure(
            LanguageModel model,
            int[] tokens,
            Protocol protocol,
            int context,
            OptionalInt begin,
            Progress progress,
            Cancellation cancellation) {
        if (context > model.config().context()) {
            throw new InputException(
                    "context must be at most the model's own, " + model.config().context() + "; got " + context);
        }
        for (int token : tokens) {
            if (token < 0 || token >= model.config().vocabulary()) {
                throw new InputException("every token must have a row in the model's embedding; got token " + token
                        + " and " + model.config().vocabulary() + " rows");
            }
        }
        return measure(windows -> losses(model, windows), tokens, protocol, context, begin, progress, cancellation);
    }

    /**
     * Checks, before a model is read, that it can be measured.
     *
     * @throws InputException where the context is out of bounds or the text shorter than a window
     */
    public static void require(ModelConfig model, int[] tokens, Protocol protocol, int context) {
        if (context > model.context()) {
            throw new InputException(
                    "context must be at most the model's own, " + model.context() + "; got " + context);
        }
        requireWindow(tokens, protocol, context);
    }

    private static void requireWindow(int[] tokens, Protocol protocol, int context) {
        int least = protocol == Protocol.LLAMACPP ? 3 : 2; // else nothing is scored
        if (context < least) {
            throw new InputException(
                    "context must be at least " + least + " for protocol " + protocol + "; got " + context);
        }
        if (tokens.length < context) {
            throw new InputException("the text must fill a window of " + context + " tokens; got " + tokens.length
                    + (tokens.length == 1 ? " token" : " tokens"));
        }
    }

    private static double[] losses(LanguageModel model, WindowScorer.Windows windows) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            int scored = windows.length() - windows.skip();
            Tensor inputs = Tensors.of(windows.inputs(), windows.count(), windows.length());
            Tensor targets = Tensors.of(windows.targets(), windows.count(), windows.length());
            Tensor hidden = model.hidden(inputs).narrow(1, windows.skip(), scored); // [count, scored, width]
            return Tensors.toDoubles(CutCrossEntropy.losses(
                    hidden.reshape(-1, model.config().width()),
                    model.outputWeight(),
                    targets.narrow(1, windows.skip(), scored).reshape(-1)));
        }
    }

    /** Measures anything that foretells tokens. */
    static PerplexityResult measure(
            WindowScorer scorer,
            int[] tokens,
            Protocol protocol,
            int context,
            OptionalInt begin,
            Progress progress,
            Cancellation cancellation) {
        requireWindow(tokens, protocol, context);
        return new Perplexity(tokens, protocol, context, begin).run(scorer, progress, cancellation);
    }

    private PerplexityResult run(WindowScorer scorer, Progress progress, Cancellation cancellation) {
        long start = System.nanoTime();
        int windows = windows();
        double sum = 0;
        long scored = 0;
        try (Progress.Task task = progress.start("perplexity", windows);
                var crew = new WindowCrew(scorer)) {
            int from = 0;
            while (from < windows || crew.busy()) {
                cancellation.check();
                while (from < windows && crew.ready()) {
                    int count = Math.min(Math.max(1, BATCH_TOKENS / context), wholeFrom(from, windows));
                    crew.submit(cut(from, count));
                    from += count;
                }
                WindowCrew.Scored done = crew.take();
                for (double loss : done.losses()) {
                    sum += loss;
                    scored++;
                }
                if (!Double.isFinite(sum)) {
                    throw new InputException("the model's losses must be finite; got one among the first " + scored
                            + " scored tokens that is not");
                }
                task.advance(done.windows());
                task.note(String.format(Locale.ROOT, "perplexity %.2f", Math.exp(sum / scored)));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new PerplexityResult(Math.exp(sum / scored), protocol, context, tokens.length, scored, windows, seconds);
    }

    private int windows() {
        return protocol == Protocol.MEGATRON ? (tokens.length - 2) / context + 1 : tokens.length / context;
    }

    /** How many equally long windows there are from one on; Megatron's last may be shorter and then comes alone. */
    private int wholeFrom(int from, int windows) {
        if (protocol != Protocol.MEGATRON || (tokens.length - 1) % context == 0) {
            return windows - from;
        }
        return Math.max(1, windows - 1 - from);
    }

    private int at(int window) {
        return window * context;
    }

    private WindowScorer.Windows cut(int from, int count) {
        int length = protocol == Protocol.MEGATRON ? Math.min(context, tokens.length - 1 - at(from)) : context - 1;
        int skip = protocol == Protocol.LLAMACPP ? context / 2 : 0;
        long[] inputs = new long[count * length];
        long[] targets = new long[count * length];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < length; k++) {
                inputs[i * length + k] = tokens[at(from + i) + k];
                targets[i * length + k] = tokens[at(from + i) + k + 1];
            }
            if (protocol == Protocol.LLAMACPP && begin.isPresent()) {
                inputs[i * length] = begin.getAsInt();
            }
        }
        return new WindowScorer.Windows(inputs, targets, count, length, skip);
    }
}
