package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.model.TextWindows;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
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
    private Perplexity() {}

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
        TextWindows.requireRows(model.config(), tokens);
        return measure(windows -> losses(model, windows), tokens, protocol, context, begin, progress, cancellation);
    }

    private static double[] losses(LanguageModel model, TextWindows.Batch windows) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            int scored = windows.length() - windows.skip();
            Tensor inputs = Tensors.of(longs(windows.inputs()), windows.count(), windows.length());
            Tensor targets = Tensors.of(longs(windows.targets()), windows.count(), windows.length());
            Tensor hidden = model.hidden(inputs).narrow(1, windows.skip(), scored); // [count, scored, width]
            return Tensors.toDoubles(CutCrossEntropy.losses(
                    hidden.reshape(-1, model.config().width()),
                    model.outputWeight(),
                    targets.narrow(1, windows.skip(), scored).reshape(-1)));
        }
    }

    private static long[] longs(int[] ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }

    /** Returns a progress that shows a perplexity as that of text held out from training. */
    public static Progress heldOut(Progress progress) {
        return (name, total) -> progress.start("held-out " + name, total);
    }

    /** Measures anything that predicts tokens. */
    static PerplexityResult measure(
            WindowScorer scorer,
            int[] tokens,
            Protocol protocol,
            int context,
            OptionalInt begin,
            Progress progress,
            Cancellation cancellation) {
        TextWindows windows = new TextWindows(tokens, protocol, context, begin);
        long start = System.nanoTime();
        double sum = 0;
        long scored = 0;
        try (Progress.Task task = progress.start("perplexity", windows.count());
                var crew = new WindowCrew(scorer)) {
            int from = 0;
            while (from < windows.count() || crew.busy()) {
                cancellation.check();
                while (from < windows.count() && crew.ready()) {
                    TextWindows.Batch batch = windows.from(from);
                    crew.submit(batch);
                    from += batch.count();
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
        return new PerplexityResult(
                Math.exp(sum / scored), protocol, context, tokens.length, scored, windows.count(), seconds);
    }
}
