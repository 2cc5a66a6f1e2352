package dev.lapidary.sparsity;

import dev.lapidary.language.DividedText;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.Checkpointing;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Learns which N of every M weights of a language model to keep, from a prior and within a budget of dense layers, and compares the mask
 * on held-out text with the dense model and with one-shot methods: what {@code mask learn} does.
 *
 * <pre>{@code
 * LearnedMask learned = MaskLearningRun.of(model)
 *         .prior(MaskPrior.open("wanda"))
 *         .checkpoints(Checkpointing.in(Path.of("unfinished")))
 *         .run(DividedText.read(List.of(Path.of("book.txt")), tokenizer, model.config(), MaskLearningRun.HELD_OUT));
 * MaskFolder.write(Path.of("mask"), learned.masks());
 * }</pre>
 *
 * <p>The model stays the caller's to close and comes back with its own weights. Not for use by several threads.
 */
public final class MaskLearningRun {
    /** The name of the one-shot method whose mask learning starts from where nothing else is said: the paper's choice. */
    public static final String PRIOR = SparseGptMask.NAME;

    /** The names of the one-shot methods that a mask is compared with where nothing else is said. */
    public static final List<String> COMPARED = List.of("magnitude", "wanda", SparseGptMask.NAME, "sparsegpt-update");

    /** The share of each text, at its end, that {@code mask learn} holds out where nothing else is said. */
    public static final double HELD_OUT = 0.1;

    private final LanguageModel model;
    private MaskLearningSettings settings = MaskLearningSettings.defaults();
    private @Nullable MaskPrior prior;
    private @Nullable List<OneShotMethod> compared;
    private DenseBudget.@Nullable Limit budget;
    private @Nullable Checkpointing checkpoints;
    private Consumer<Prediction> listener = prediction -> {};
    private Progress progress = Progress.silent();
    private Cancellation cancellation = Cancellation.none();

    private MaskLearningRun(LanguageModel model) {
        this.model = model;
    }

    /**
     * What learning will take, known before its first step.
     *
     * @param memory by what it is needed for
     * @param steps left to take
     * @param seconds for these steps
     */
    public record Prediction(MemoryPlan memory, long steps, double seconds) {}

    /** Begins with a model whose weights are frozen. */
    public static MaskLearningRun of(LanguageModel model) {
        return new MaskLearningRun(model);
    }

    /** Sets how to learn; by default 2:4 masks by the standard settings. */
    public MaskLearningRun settings(MaskLearningSettings chosen) {
        settings = chosen;
        return this;
    }

    /** Sets where to start; by default at SparseGPT's choice. */
    public MaskLearningRun prior(MaskPrior chosen) {
        prior = chosen;
        return this;
    }

    /** Sets the one-shot methods to compare with; by default {@link #COMPARED}. */
    public MaskLearningRun compare(List<OneShotMethod> methods) {
        compared = List.copyOf(methods);
        return this;
    }

    /**
     * Leaves some layers dense: up to a number, those where the prior's mask hurts most, or as few as keep the learned mask within a
     * perplexity, on text set aside for it.
     *
     * @throws InputException where no layer of the model would be left to mask
     */
    public MaskLearningRun budget(DenseBudget.Limit limit) {
        int layers = model.prunable().size();
        if (limit.layers().orElse(0) >= layers) {
            throw new InputException("dense layers must leave some of the model's " + layers
                    + " linear layers to mask; got " + limit.layers().getAsInt());
        }
        budget = limit;
        return this;
    }

    /** Saves learning on the way, and goes on from what was saved by a run with the same settings. */
    public MaskLearningRun checkpoints(Checkpointing where) {
        checkpoints = where;
        return this;
    }

    /** Says what learning will take, before its first step. */
    public MaskLearningRun whenPrepared(Consumer<Prediction> told) {
        listener = told;
        return this;
    }

    /** Reports how far it is. */
    public MaskLearningRun progress(Progress shown) {
        progress = shown;
        return this;
    }

    /** Stops where this asks to; what is learned so far stays in the {@link #checkpoints}. */
    public MaskLearningRun cancellation(Cancellation flag) {
        cancellation = flag;
        return this;
    }

    /**
     * Learns and compares.
     *
     * @param text to learn from, and held out, which nothing but the comparison sees
     * @throws InputException where text, memory, shapes or the budget do not fit
     * @throws java.util.concurrent.CancellationException on request
     */
    public LearnedMask run(DividedText text) {
        List<OneShotMethod> methods =
                compared == null ? COMPARED.stream().map(OneShotMethod::of).toList() : compared;
        MaskPrior start = prior == null ? MaskPrior.of(OneShotMethod.of(PRIOR)) : prior;
        MaskComparison comparison = comparison(text);
        comparison.measureDense(); // first: a text that is too short is refused before anything takes long
        requireReachable(text);
        Optional<MaskSet> masks = start.method().map(comparison::oneShot).or(start::masks);
        Optional<DenseBudget.Choice> choice = before(comparison, masks, text);
        Learning learning = learn(text, masks, choice);
        MaskSet learned = learning.result().masks();
        if (byPerplexity()) {
            choice = Optional.of(choose(learned, MaskLearning.aside(model, text.training(), settings)));
            learned = choice.get().applyTo(model, learned);
        }
        choice.ifPresent(made -> comparison.keepDense(made.denseLayers()));
        comparison.measure(MaskLearning.METHOD, learned);
        methods.forEach(comparison::measure);
        return new LearnedMask(
                learned,
                learning.result(),
                comparison.perplexities(),
                LearnedMask.gaps(comparison),
                learning.predictedPeakBytes(),
                start.name(),
                choice);
    }

    private MaskComparison comparison(DividedText text) {
        return new MaskComparison(
                model,
                text.training().tokens(),
                text.heldOut().tokens(),
                settings.pattern(),
                OneShotSettings.defaults(),
                progress,
                cancellation);
    }

    private boolean byPerplexity() {
        return budget != null && budget.perplexity().isPresent();
    }

    private void requireReachable(DividedText text) {
        if (budget != null && byPerplexity()) {
            int[] aside = MaskLearning.aside(model, text.training(), settings);
            DenseBudget.requireReachable(model, aside, budget, cancellation);
        }
    }

    /** The layers that a budget of layers leaves dense, by the prior's mask. */
    private Optional<DenseBudget.Choice> before(MaskComparison comparison, Optional<MaskSet> masks, DividedText text) {
        if (budget == null || budget.layers().isEmpty()) {
            return Optional.empty();
        }
        MaskSet judged = masks.orElseGet(() -> comparison.oneShot(new SparseGptMask()));
        return Optional.of(choose(judged, text.training().tokens()));
    }

    private DenseBudget.Choice choose(MaskSet masks, int[] tokens) {
        if (budget == null) {
            throw new IllegalStateException("a choice of dense layers must have a budget; got none");
        }
        return DenseBudget.choose(model, masks, tokens, budget, progress, cancellation);
    }

    private record Learning(MaskLearningResult result, long predictedPeakBytes) {}

    private Learning learn(DividedText text, Optional<MaskSet> masks, Optional<DenseBudget.Choice> choice) {
        MaskLearningSettings chosen = choice.map(made -> settings.withDense(new LinkedHashSet<>(made.denseLayers())))
                .orElse(settings);
        Optional<Checkpointing> saved = Optional.ofNullable(checkpoints);
        try (MaskLearning learning = MaskLearning.prepare(model, text.training(), text.heldOut(), masks, chosen)) {
            long steps = learning.stepsLeft(saved);
            listener.accept(new Prediction(learning.plan(), steps, learning.predictSeconds(steps)));
            MaskLearningResult result = learning.run(saved, progress, cancellation);
            return new Learning(result, learning.plan().predictedPeakBytes());
        }
    }
}
