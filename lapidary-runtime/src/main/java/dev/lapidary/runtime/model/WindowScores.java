package dev.lapidary.runtime.model;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.Arrays;
import java.util.Locale;

/** Adds up the losses of a text's windows, one window after the other, in float64. */
final class WindowScores {
    private final Session session;
    private final TextWindows windows;
    private final Progress progress;
    private final Cancellation cancellation;
    private double sum;
    private long scored;

    WindowScores(Session session, TextWindows windows, Progress progress, Cancellation cancellation) {
        this.session = session;
        this.windows = windows;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    PerplexityResult measure(Protocol protocol, int context, long tokens) {
        long start = System.nanoTime();
        try (Progress.Task task = progress.start("perplexity", windows.count())) {
            for (int from = 0; from < windows.count(); ) {
                TextWindows.Batch batch = windows.from(from);
                for (int i = 0; i < batch.count(); i++) {
                    add(batch, i);
                    task.advance(1);
                    task.note(String.format(Locale.ROOT, "perplexity %.2f", Math.exp(sum / scored)));
                }
                from += batch.count();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new PerplexityResult(
                Math.exp(sum / scored), protocol, context, tokens, scored, windows.count(), seconds);
    }

    private void add(TextWindows.Batch batch, int window) {
        int from = window * batch.length();
        int[] inputs = Arrays.copyOfRange(batch.inputs(), from, from + batch.length());
        int[] targets = Arrays.copyOfRange(batch.targets(), from, from + batch.length());
        session.truncate(0);
        for (double score : session.logProbabilities(inputs, targets, batch.skip(), cancellation)) {
            sum -= score;
            scored++;
        }
        if (!Double.isFinite(sum)) {
            throw new InputException("the model's losses must be finite; got one among the first " + scored
                    + " scored tokens that is not");
        }
    }
}
