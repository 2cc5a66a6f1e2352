package dev.lapidary.sparsity;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.LinearInputs;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The hidden states of the calibration windows on their way through the blocks, a few windows at a time.
 *
 * <p>Memory: windows · length · width floats, and the statistics of one block.
 */
final class CalibrationFlow implements AutoCloseable {
    private static final int BATCH_TOKENS = 2048;

    private final LanguageModel model;
    private final CalibrationWindows windows;
    private final List<Tensor> states = new ArrayList<>(); // [windows of the batch, length, width]
    private final Progress.Task task;
    private final Cancellation cancellation;

    CalibrationFlow(LanguageModel model, CalibrationWindows windows, Progress.Task task, Cancellation cancellation) {
        this.model = model;
        this.windows = windows;
        this.task = task;
        this.cancellation = cancellation;
        int batch = batch(windows);
        for (int from = 0; from < windows.count(); from += batch) {
            int to = Math.min(from + batch, windows.count());
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard still = new NoGradGuard()) {
                Tensor tokens = Tensors.of(windows.rows(from, to), to - from, windows.length());
                states.add(TorchScope.hold(model.embed(tokens)));
            }
        }
    }

    private static int batch(CalibrationWindows windows) {
        return Math.max(1, BATCH_TOKENS / windows.length());
    }

    /** Returns how many batches a pass has. */
    static int batches(CalibrationWindows windows) {
        return Math.ceilDiv(windows.count(), batch(windows));
    }

    /** Returns what flows into a block's linears; the states stay before the block. */
    BlockStatistics collect(int block) {
        BlockStatistics statistics = new BlockStatistics();
        pass(block, statistics, false);
        return statistics;
    }

    /** Moves the states behind the block, as the model now is. */
    void advance(int block) {
        pass(block, null, true);
    }

    /** Both at once. */
    BlockStatistics collectAndAdvance(int block) {
        BlockStatistics statistics = new BlockStatistics();
        pass(block, statistics, true);
        return statistics;
    }

    private void pass(int block, @Nullable BlockStatistics statistics, boolean advance) {
        LinearInputs observer = statistics == null ? null : statistics::add;
        for (int i = 0; i < states.size(); i++) {
            cancellation.check();
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard still = new NoGradGuard()) {
                Tensor before = states.get(i);
                Tensor after = model.block(block, before, observer);
                if (statistics != null) {
                    statistics.endBatch();
                }
                if (advance) {
                    states.set(i, TorchScope.hold(after));
                    before.close();
                }
            }
            task.advance(1);
        }
    }

    /** Returns the mean loss in nats of predicting every next token of the windows, with the blocks from one on still to come. */
    double lossFrom(int block) {
        double sum = 0;
        for (int i = 0; i < states.size(); i++) {
            cancellation.check();
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard still = new NoGradGuard()) {
                Tensor x = states.get(i);
                for (int later = block; later < model.config().layers(); later++) {
                    x = model.block(later, x, null);
                }
                sum += batchLoss(i, model.finish(x));
            }
        }
        return sum / windows.count();
    }

    /** Sum over the batch's windows of their mean loss. */
    private double batchLoss(int batch, Tensor hidden) {
        long length = windows.length();
        long count = hidden.size(0);
        int from = batch * batch(windows);
        Tensor tokens = Tensors.of(windows.rows(from, from + (int) count), count, length);
        Tensor targets = tokens.narrow(1, 1, length - 1).reshape(-1);
        Tensor states = hidden.narrow(1, 0, length - 1).reshape(-1, hidden.size(2));
        return count * CutCrossEntropy.loss(states, model.outputWeight(), targets);
    }

    @Override
    public void close() {
        states.forEach(Tensor::close);
    }
}
