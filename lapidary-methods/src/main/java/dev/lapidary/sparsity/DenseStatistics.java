package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The statistics of a dense model's blocks, in order: from disk where they are, else from a pass over the windows. */
final class DenseStatistics implements AutoCloseable {
    private final LanguageModel model;
    private final CalibrationWindows windows;
    private final StatisticsCache cache;
    private final Progress.Task task;
    private final Cancellation cancellation;
    private @Nullable CalibrationFlow flow;
    private int passed; // blocks behind the flow's states

    DenseStatistics(
            LanguageModel model,
            CalibrationWindows windows,
            Path folder,
            Progress.Task task,
            Cancellation cancellation) {
        this.model = model;
        this.windows = windows;
        this.task = task;
        this.cancellation = cancellation;
        cache = StatisticsCache.of(folder, model, windows);
    }

    /** Returns a block's statistics; blocks must come in rising order. */
    BlockStatistics of(int block) {
        var stored = cache.read(model, block);
        if (stored.isPresent()) {
            task.advance(CalibrationFlow.batches(windows));
            return stored.get();
        }
        if (flow == null) {
            flow = new CalibrationFlow(model, windows, task, cancellation);
        }
        for (; passed < block; passed++) {
            flow.advance(passed);
        }
        BlockStatistics statistics = flow.collectAndAdvance(block);
        passed++;
        cache.write(block, statistics);
        return statistics;
    }

    @Override
    public void close() {
        if (flow != null) {
            flow.close();
        }
    }
}
