package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.Perplexity;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.sparsity.MaskLearningSettings.Moment;
import dev.lapidary.sparsity.kernel.AdamStep;
import dev.lapidary.sparsity.kernel.MaskFigures;
import dev.lapidary.sparsity.kernel.MaskKernel;
import dev.lapidary.sparsity.kernel.Sample;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Torch;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Trains the logits of all masks of a frozen model together.
 *
 * <p>A step draws one sample of every mask, runs the model on the step's windows, in several passes where they are many (see
 * {@link Microbatches}), and adds up the gradients by the masked weights. From those the kernel calculates the gradient of the
 * logits in closed form, first its norm over all weights, for one exact clip factor, then the update, so that no gradient of logits
 * is ever stored. The published code draws fresh noise in every microbatch; one draw a step gives the same expectation and lets the
 * sum of weight gradients suffice.
 *
 * <p>While this is open the model reads masked weights and calculates no gradient of its own parameters; closing gives both back.
 */
final class MaskTraining implements Trainable, AutoCloseable {
    private final LanguageModel model;
    private final TrainingWindows windows;
    private final int[] validation;
    private final MaskLearningSettings settings;
    private final int passWindows;
    private final MaskKernel kernel;
    private final List<LearnedWeight> weights = new ArrayList<>();
    private final List<Tensor> frozen = new ArrayList<>();
    private @Nullable Microbatches<LanguageModel> passes;
    private double gradientNorm;
    private long taken;

    MaskTraining(LanguageModel model, TrainingWindows windows, Optional<MaskSet> prior, MaskLearningSettings settings) {
        this.model = model;
        this.windows = windows;
        this.settings = settings;
        validation = windows.validation();
        passWindows = settings.windowsAPass(windows.length(), settings.learned(model));
        kernel = new MaskKernel(settings.pattern(), settings.state(), Torch.threads());
        try {
            freeze();
            create(prior);
            passes = new Microbatches<>(model, Math.ceilDiv(windows.batch(), passWindows));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void freeze() {
        for (Tensor parameter : model.parameters().values()) {
            if (parameter.requires_grad()) {
                parameter.set_requires_grad(false);
                frozen.add(parameter);
            }
        }
    }

    private void create(Optional<MaskSet> prior) {
        List<String> prunable = model.prunable();
        for (int i = 0; i < prunable.size(); i++) {
            String name = prunable.get(i);
            if (settings.dense().contains(name)) {
                continue;
            }
            Tensor weight = weight(name);
            Optional<LayerMask> layer =
                    prior.flatMap(set -> Optional.ofNullable(set.layers().get(name)));
            LearnedWeight learned = LearnedWeight.create(name, weight, i, layer, kernel, settings);
            weights.add(learned);
            model.replace(name, learned.masked());
        }
    }

    private Tensor weight(String name) {
        Tensor weight = model.parameter(name);
        int of = settings.pattern().of();
        if (weight.size(1) % of != 0) {
            throw new InputException("in-features of " + name + " must be a multiple of " + of + " for "
                    + settings.pattern() + "; got " + weight.size(1));
        }
        return weight;
    }

    @Override
    public double step(long step) {
        Moment moment = settings.at(step);
        double loss = gradients(step);
        Sample sample = sample(moment, step);
        double squares = 0;
        for (LearnedWeight weight : weights) {
            squares += weight.gradientSquares(kernel, sample, moment.lambda());
        }
        gradientNorm = Math.sqrt(squares);
        taken++;
        AdamStep adam = settings.optimiser().step(moment.rate(), step + 1, squares);
        for (LearnedWeight weight : weights) {
            weight.update(kernel, sample, moment.lambda(), adam);
            weight.forgetGradient();
        }
        return loss;
    }

    /** Samples the masks and leaves the gradient by every masked weight; returns the mean cross-entropy. */
    private double gradients(long step) {
        Sample sample = sample(settings.at(step), step);
        for (LearnedWeight weight : weights) {
            weight.sample(kernel, sample);
        }
        return windows.loss().gradients(Objects.requireNonNull(passes), windows.starts(step), passWindows, false);
    }

    private Sample sample(Moment moment, long step) {
        return new Sample((float) moment.kappa(), (float) moment.tau(), step, settings.hard());
    }

    /** Does all the work of the first step but the update, and returns the seconds that it took; the logits stay as they are. */
    double timeStep() {
        long begin = System.nanoTime();
        gradients(0);
        Moment moment = settings.at(0);
        for (LearnedWeight weight : weights) {
            weight.gradientSquares(kernel, sample(moment, 0), moment.lambda());
            weight.forgetGradient();
        }
        return (System.nanoTime() - begin) * 1e-9;
    }

    @Override
    public List<TensorView> state() {
        List<TensorView> state = new ArrayList<>();
        for (LearnedWeight weight : weights) {
            MemorySegment bytes = weight.state().segment();
            state.add(new TensorView("state/" + weight.name(), DType.U8, List.of(bytes.byteSize()), bytes));
            state.add(TensorView.of("previous/" + weight.name(), weight.previous(), weight.groups()));
        }
        return state;
    }

    @Override
    public void restore(SavedState saved) {
        for (LearnedWeight weight : weights) {
            saved.copy("state/" + weight.name(), weight.state().segment());
            byte[] previous = saved.tensor("previous/" + weight.name()).data().toArray(ValueLayout.JAVA_BYTE);
            weight.previous(previous);
        }
    }

    @Override
    public OptionalLong epoch(long step) {
        return OptionalLong.of(windows.epoch(step));
    }

    /** Measures the masks as they are, only to show it: nothing is chosen by it. */
    @Override
    public Map<String, Double> validate(long step) {
        Moment moment = settings.at(step - 1);
        Map<String, Double> values = new TreeMap<>();
        values.put("kappa", moment.kappa());
        values.put("tau", moment.tau());
        values.put("gateRate", moment.rate());
        values.put("gradientNorm", gradientNorm);
        Totals totals = new Totals();
        for (LearnedWeight weight : weights) {
            byte[] codes = weight.codes(kernel);
            MaskFigures figures = weight.figures(kernel, moment);
            double moved = LearnedWeight.difference(codes, weight.previous(), settings.pattern());
            double fromPrior = LearnedWeight.difference(codes, weight.start(), settings.pattern());
            values.put("flipped/" + weight.name(), moved);
            values.put("flippedFromPrior/" + weight.name(), fromPrior);
            values.put("maxProbability/" + weight.name(), figures.meanMaxProbability());
            values.put("logitDeviation/" + weight.name(), figures.logitStd());
            totals.add(weight.count(), moved, fromPrior, figures);
            weight.previous(codes);
            weight.harden(codes);
        }
        totals.put(values);
        values.put("perplexity", perplexity(validation, Cancellation.none()));
        return values;
    }

    /** Means over all weights, each counted as often as it has entries. */
    private static final class Totals {
        private double count;
        private double moved;
        private double fromPrior;
        private double probability;
        private double variance;

        void add(long weight, double weightMoved, double weightFromPrior, MaskFigures figures) {
            count += weight;
            moved += weight * weightMoved;
            fromPrior += weight * weightFromPrior;
            probability += weight * figures.meanMaxProbability();
            variance += weight * figures.logitStd() * figures.logitStd();
        }

        void put(Map<String, Double> values) {
            values.put("flipped", moved / count);
            values.put("flippedFromPrior", fromPrior / count);
            values.put("maxProbability", probability / count);
            values.put("logitDeviation", Math.sqrt(variance / count));
        }
    }

    /** Returns the perplexity of the masks as they stand, or as they stood when they were last hardened. */
    double perplexity(int[] tokens, Cancellation cancellation) {
        Products learning = model.products();
        model.multiplyIn(Products.F32);
        try (NoGradGuard still = new NoGradGuard()) {
            return Perplexity.measure(model, tokens, Protocol.HF, windows.length(), Progress.silent(), cancellation)
                    .perplexity();
        } finally {
            model.multiplyIn(learning);
        }
    }

    /** Lets the model read every weight under its likeliest pattern. */
    void harden() {
        weights.forEach(weight -> weight.harden(weight.codes(kernel)));
    }

    /** Returns how many steps this object took, those before a resume not included. */
    long taken() {
        return taken;
    }

    List<LearnedWeight> weights() {
        return weights;
    }

    MaskKernel kernel() {
        return kernel;
    }

    @Override
    public void close() {
        if (passes != null) {
            passes.close();
        }
        model.restoreAll();
        frozen.forEach(parameter -> parameter.set_requires_grad(true));
        weights.forEach(LearnedWeight::close);
        kernel.close();
    }
}
