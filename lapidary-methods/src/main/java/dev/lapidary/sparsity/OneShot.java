package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.linear.MaskedLinear;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Prunes all linear layers of a language model to N of every M by one of the {@link OneShotMethod one-shot methods}.
 *
 * <p>Sequential flow, as published: the inputs of a block's linears are those that the blocks before it give once pruned; all
 * linears of a block are pruned on them, then the block's output is computed again. Dense flow: all inputs are those of the
 * dense model; they are collected once and kept in the cache folder for every method and pattern.
 *
 * <p>The model itself comes back as it was, without replaced weights.
 */
public final class OneShot {
    private final LanguageModel model;
    private final OneShotMethod method;
    private final SparsityPattern pattern;
    private final OneShotSettings settings;
    private final SequencedMap<String, LayerMask> masks = new LinkedHashMap<>();
    private final SequencedMap<String, float[]> updated = new LinkedHashMap<>();
    private final List<OneShotResult.Layer> reports = new ArrayList<>();

    private OneShot(LanguageModel model, OneShotMethod method, SparsityPattern pattern, OneShotSettings settings) {
        this.model = model;
        this.method = method;
        this.pattern = pattern;
        this.settings = settings;
    }

    /**
     * Returns the masks alone; a method that needs no inputs does not look at the tokens then.
     *
     * @throws InputException where the in-features of a weight are no multiple of M, or the tokens make no window
     */
    public static MaskSet prune(
            LanguageModel model,
            int[] calibrationTokens,
            OneShotMethod method,
            SparsityPattern pattern,
            OneShotSettings settings,
            Progress progress,
            Cancellation cancellation) {
        int[] tokens = method.needsInputs() ? calibrationTokens : new int[0];
        return run(model, tokens, method, pattern, settings, progress, cancellation)
                .masks();
    }

    /**
     * Returns the masks and what they do to each layer.
     *
     * @param calibrationTokens may be empty for a method that needs no inputs; reconstruction errors are then unknown
     * @throws InputException where the in-features of a weight are no multiple of M, or the tokens make no window
     */
    public static OneShotResult run(
            LanguageModel model,
            int[] calibrationTokens,
            OneShotMethod method,
            SparsityPattern pattern,
            OneShotSettings settings,
            Progress progress,
            Cancellation cancellation) {
        long start = System.nanoTime();
        requireGroups(model, pattern);
        OneShot run = new OneShot(model, method, pattern, settings);
        CalibrationWindows windows = calibrationTokens.length == 0 && !method.needsInputs()
                ? null
                : CalibrationWindows.draw(
                        calibrationTokens, settings, model.config().context());
        run.pruneAll(windows, progress, cancellation);
        double seconds = (System.nanoTime() - start) / 1e9;
        int sequences = windows == null ? 0 : windows.count();
        int length = windows == null ? 0 : windows.length();
        return new OneShotResult(run.set(sequences, length), run.reports, sequences, length, seconds);
    }

    /**
     * Refuses a model with a prunable weight whose in-features do not fall into groups of M.
     *
     * @throws InputException with the weight's name
     */
    public static void requireGroups(LanguageModel model, SparsityPattern pattern) {
        for (String name : model.prunable()) {
            long in = model.parameter(name).size(1);
            if (in % pattern.of() != 0) {
                throw new InputException("in must be a multiple of m for " + pattern + " masks; got in=" + in + ", m="
                        + pattern.of() + " in " + name);
            }
        }
    }

    private void pruneAll(@Nullable CalibrationWindows windows, Progress progress, Cancellation cancellation) {
        int blocks = model.config().layers();
        boolean sequential = settings.flow() == OneShotSettings.Flow.SEQUENTIAL;
        int passes = windows == null ? 0 : CalibrationFlow.batches(windows) * (sequential ? 2 : 1);
        model.restoreAll();
        try (Progress.Task task = progress.start("prune with " + method.name(), (long) blocks * (passes + 1))) {
            if (windows == null) {
                withoutText(task, cancellation);
            } else if (sequential) {
                sequentially(windows, task, cancellation);
            } else {
                fromDense(windows, task, cancellation);
            }
        } finally {
            model.restoreAll();
        }
    }

    private void withoutText(Progress.Task task, Cancellation cancellation) {
        for (int block = 0; block < model.config().layers(); block++) {
            cancellation.check();
            pruneBlock(block, null, false);
            task.advance(1);
        }
    }

    private void fromDense(CalibrationWindows windows, Progress.Task task, Cancellation cancellation) {
        var folder = settings.statisticsFolder();
        try (DenseStatistics dense = new DenseStatistics(model, windows, folder, task, cancellation)) {
            for (int block = 0; block < model.config().layers(); block++) {
                try (BlockStatistics statistics = dense.of(block)) {
                    pruneBlock(block, statistics, false);
                }
                task.advance(1);
            }
        }
    }

    private void sequentially(CalibrationWindows windows, Progress.Task task, Cancellation cancellation) {
        try (CalibrationFlow flow = new CalibrationFlow(model, windows, task, cancellation)) {
            for (int block = 0; block < model.config().layers(); block++) {
                try (TorchScope scope = TorchScope.open();
                        BlockStatistics statistics = flow.collect(block)) {
                    pruneBlock(block, statistics, true);
                    flow.advance(block);
                    model.restoreAll();
                }
                task.advance(1);
            }
        }
    }

    private void pruneBlock(int block, @Nullable BlockStatistics statistics, boolean replace) {
        try (LayerPruner pruner = new LayerPruner(method, pattern, settings)) {
            for (String name : model.prunable(block)) {
                try (TorchScope scope = TorchScope.open()) {
                    Tensor weight = model.parameter(name);
                    var pruned = pruner.prune(name, weight, statistics == null ? null : statistics.of(name));
                    masks.put(name, pruned.mask());
                    reports.add(pruned.report());
                    if (method.changesWeights()) {
                        updated.put(name, Tensors.toFloats(pruned.pruned()));
                    }
                    if (replace) {
                        model.replace(
                                name,
                                MaskedLinear.of(pruned.pruned(), pruned.mask().places()));
                    }
                }
            }
        }
    }

    private MaskSet set(int sequences, int length) {
        var noted = new TreeMap<String, String>();
        if (sequences > 0) {
            noted.put("sequences", Integer.toString(sequences));
            noted.put("length", Integer.toString(length));
            noted.put("flow", settings.flow().toString());
            noted.put("seed", Long.toString(settings.seed()));
        }
        noted.putAll(method.noted(settings));
        return new MaskSet(model.digest(), pattern, method.name(), masks, updated, noted);
    }
}
