package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.concept.kernel.BottleneckSettings;
import dev.lapidary.concept.kernel.BottleneckState;
import dev.lapidary.concept.kernel.BottleneckStep;
import dev.lapidary.concept.kernel.WeightUpdate;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.util.ArrayList;
import java.util.List;

/** A bottleneck layer and its head under the fused step, as the training loop sees them. Closing frees native memory. */
final class BottleneckTrainer implements Trainable, AutoCloseable {
    private final BottleneckSettings settings;
    private final JointTraining.Batches batches;
    private final int threads = Runtime.getRuntime().availableProcessors();
    private BottleneckStep step;

    BottleneckTrainer(BottleneckSettings settings, BottleneckState start, JointTraining.Batches batches) {
        this.settings = settings;
        this.batches = batches;
        this.step = BottleneckStep.create(settings, start, threads);
    }

    static BottleneckSettings settings(BottleneckLoss loss, boolean sound, double rate, ScoreRows rows, long seed) {
        var update = new WeightUpdate.Adam(rate);
        return new BottleneckSettings(
                JointTraining.BATCH, rows.width(), rows.classes(), sound, loss, update, update, seed);
    }

    @Override
    public double step(long at) {
        JointTraining.Batches.Batch batch = batches.at(at);
        BottleneckStep.Losses losses = step.step(batch.scores(), batch.labels());
        return losses.crossEntropy() + losses.layer();
    }

    /** Head times layer, with the head's bias: the map on named scores. */
    NamedMap product() {
        BottleneckState state = step.state();
        int m = settings.concepts();
        double[] layer = state.layer().weights();
        double[] head = state.head().weights();
        double[][] product = new double[settings.classes()][m];
        for (int k = 0; k < product.length; k++) {
            for (int j = 0; j < m; j++) {
                double h = head[k * m + j];
                for (int i = 0; i < m; i++) {
                    product[k][i] += h * layer[j * m + i];
                }
            }
        }
        return new NamedMap(product, state.bias().weights());
    }

    @Override
    public List<TensorView> state() {
        BottleneckState state = step.state();
        List<TensorView> views = new ArrayList<>();
        add(views, "layer", state.layer());
        add(views, "head", state.head());
        add(views, "bias", state.bias());
        views.add(TensorView.of("steps", new long[] {state.steps()}, 1));
        return views;
    }

    private static void add(List<TensorView> views, String name, BottleneckState.Moments moments) {
        views.add(TensorView.of(name + ".weights", moments.weights(), moments.weights().length));
        views.add(TensorView.of(name + ".mean", moments.mean(), moments.mean().length));
        views.add(TensorView.of(name + ".square", moments.square(), moments.square().length));
    }

    @Override
    public void restore(SavedState saved) {
        var state = new BottleneckState(
                saved.tensor("steps").toLongs()[0],
                moments(saved, "layer"),
                moments(saved, "head"),
                moments(saved, "bias"));
        step.close();
        step = BottleneckStep.create(settings, state, threads);
    }

    private static BottleneckState.Moments moments(SavedState saved, String name) {
        return new BottleneckState.Moments(
                saved.tensor(name + ".weights").toDoubles(),
                saved.tensor(name + ".mean").toDoubles(),
                saved.tensor(name + ".square").toDoubles());
    }

    @Override
    public void close() {
        step.close();
    }
}
