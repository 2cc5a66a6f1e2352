package dev.lapidary.sparsity;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TrainingProducts;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.sparsity.kernel.MaskFigures;
import dev.lapidary.train.Checkpoint;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;

/**
 * Learns which N of every M consecutive input weights of a frozen language model to keep, with the model's own loss.
 *
 * <p>Every group of weights chooses among its patterns by a Gumbel-Softmax; the scale of the logits rises and the temperature falls,
 * so that the choice hardens by itself. The result is the likeliest pattern of every group. A learning that was interrupted and is
 * run again with the same settings, text and folder ends with the same bytes on the same machine.
 *
 * <p>What differs from the paper: one draw of noise a step, shared by its microbatches; a gate learning rate for short trainings
 * (see {@link MaskLearningSettings}). Closing frees all native memory and gives the model its own weights back.
 *
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a>
 */
public final class MaskLearning implements AutoCloseable {
    /** What a mask set of this method is called. */
    public static final String METHOD = "maskllm";

    /** The file of a learning's metrics in the folder of its checkpoints, one JSON object a line. */
    public static final String METRICS = "metrics.jsonl";

    private static final int TIMED_STEPS = 5; // of these the median
    private static final double MOST_TIMING = 3; // seconds
    private static final double TIMING_SHARE = 0.25; // of what is predicted

    private final LanguageModel model;
    private final String digest;
    private final Corpus train;
    private final Corpus heldOut;
    private final Optional<MaskSet> prior;
    private final MaskLearningSettings settings;
    private final MemoryPlan plan;
    private final MaskTraining training;

    private MaskLearning(
            LanguageModel model, Corpus train, Corpus heldOut, Optional<MaskSet> prior, MaskLearningSettings settings) {
        this.model = model;
        this.train = train;
        this.heldOut = heldOut;
        this.prior = prior;
        this.settings = settings;
        digest = model.digest();
        int longest = model.config().context();
        int window = settings.window(longest);
        if (window > longest) {
            throw new InputException(
                    "windows must be at most the model's context of " + longest + " tokens; got " + window);
        }
        prior.ifPresent(this::requireFitting);
        plan = MemoryPlan.of(model, settings);
        plan.require();
        training = new MaskTraining(
                model, new TrainingWindows(train.tokens(), window, settings.batch(), settings.seed()), prior, settings);
    }

    private void requireFitting(MaskSet set) {
        if (!set.pattern().equals(settings.pattern())) {
            throw new InputException("a prior must have the pattern " + settings.pattern() + "; got " + set.pattern());
        }
        if (!set.baseDigest().equals(digest)) {
            throw new InputException(
                    "a prior must belong to this model, digest " + digest + "; got a mask of " + set.baseDigest());
        }
    }

    /**
     * Takes the memory that learning needs and starts all logits.
     *
     * @param model the frozen model, which reads masked weights until this closes
     * @param train text to learn from; its last part is only measured on
     * @param heldOut text that only the result is measured on; may be empty
     * @param prior masks to start from; weights that it does not list start without
     * @throws InputException where memory would not suffice, the text is too short, or prior or shapes do not fit
     */
    public static MaskLearning prepare(
            LanguageModel model, Corpus train, Corpus heldOut, Optional<MaskSet> prior, MaskLearningSettings settings) {
        return new MaskLearning(model, train, heldOut, prior, settings);
    }

    /** Learns masks in one call; see {@link #prepare} and {@link #run}. */
    public static MaskLearningResult learn(
            LanguageModel model,
            Corpus train,
            Corpus heldOut,
            Optional<MaskSet> prior,
            MaskLearningSettings settings,
            Optional<Path> checkpoints,
            Progress progress,
            Cancellation cancellation) {
        try (MaskLearning learning = prepare(model, train, heldOut, prior, settings)) {
            return learning.run(checkpoints.map(Checkpointing::in), progress, cancellation);
        }
    }

    /** Returns what memory was predicted. */
    public MemoryPlan plan() {
        return plan;
    }

    /**
     * Returns the end of the training text, which no step sees: for watching, and for choices that must not see the held-out text.
     *
     * @throws InputException where the text is too short to learn from
     */
    public static int[] aside(LanguageModel model, Corpus train, MaskLearningSettings settings) {
        int window = settings.window(model.config().context());
        return new TrainingWindows(train.tokens(), window, settings.batch(), settings.seed()).validation();
    }

    /**
     * Returns how many steps {@link #run} will take.
     *
     * @param checkpoints as for {@link #run}: what they say is done is not done again
     * @throws InputException where the checkpoint is damaged
     */
    public long stepsLeft(Optional<Checkpointing> checkpoints) {
        Optional<Path> last =
                checkpoints.map(saved -> Checkpoint.last(saved.folder())).filter(Files::exists);
        if (last.isEmpty()) {
            return settings.steps();
        }
        try (Checkpoint checkpoint = Checkpoint.open(last.get())) {
            return Math.max(0, settings.steps() - checkpoint.step());
        }
    }

    /**
     * Predicts the seconds that {@code steps} steps take, from trial steps that change nothing. Only the last trials count: while
     * code is compiled, the steps of a small model become many times faster. Trials go on for some seconds where training takes
     * longer than that.
     */
    public double predictSeconds(long steps) {
        if (steps == 0) {
            return 0;
        }
        try (var fast = TrainingProducts.in(settings.products(), model)) {
            training.timeStep(); // memory is touched
            Deque<Double> last = new ArrayDeque<>();
            double spent = 0;
            double predicted;
            do {
                last.add(training.timeStep());
                spent += last.getLast();
                if (last.size() > TIMED_STEPS) {
                    last.remove();
                }
                predicted = median(last) * steps;
            } while (spent < Math.min(TIMING_SHARE * predicted, MOST_TIMING));
            return predicted;
        }
    }

    private static double median(Collection<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /**
     * Takes one optimiser step, for whoever brings a loop of their own: a benchmark, say. The model goes on reading the sampled
     * weights of this step until the next.
     *
     * @param step the number of steps done before this one
     * @return the cross-entropy, nats per token
     */
    public double step(long step) {
        return training.step(step);
    }

    /**
     * Trains, or goes on where the folder has a checkpoint.
     *
     * @param checkpoints where to save, with {@code metrics.jsonl} beside the checkpoint
     * @throws CancellationException where somebody asked to stop; with checkpoints, the state is saved
     */
    public MaskLearningResult run(Optional<Checkpointing> checkpoints, Progress progress, Cancellation cancellation) {
        long begin = System.nanoTime();
        TrainingPlan trainingPlan = trainingPlan(checkpoints);
        TrainingResult result;
        try (var fast = TrainingProducts.in(settings.products(), model)) {
            result = TrainingLoop.run(training, trainingPlan, progress, cancellation);
        }
        if (result.stopped() == TrainingResult.Stopped.CANCELLED) {
            throw new CancellationException("stopped on request after step " + result.steps());
        }
        return result(result, begin, cancellation);
    }

    private TrainingPlan trainingPlan(Optional<Checkpointing> checkpoints) {
        TrainingPlan trainingPlan = settings.plan(train.tokens().length)
                .setting("model", digest)
                .setting("text", train.digest())
                .option("text", "--text")
                .setting("tokens", Integer.toString(train.tokens().length))
                .setting("prior", prior.map(MaskLearning::digest).orElse("none"));
        if (checkpoints.isPresent()) {
            trainingPlan = trainingPlan
                    .saving(checkpoints.get())
                    .metrics(checkpoints.get().folder().resolve(METRICS), 1);
        }
        return trainingPlan;
    }

    /** A digest of a prior's patterns. */
    private static String digest(MaskSet prior) {
        MessageDigest sha = Sha256.digest();
        prior.layers().forEach((name, layer) -> {
            sha.update(name.getBytes(StandardCharsets.UTF_8));
            sha.update(layer.codes());
        });
        return Sha256.hex(sha);
    }

    private MaskLearningResult result(TrainingResult result, long begin, Cancellation cancellation) {
        List<LayerMask> masks = new ArrayList<>();
        List<LayerChange> changes = new ArrayList<>();
        long entries = 0;
        double flipped = 0;
        MaskLearningSettings.Moment last = settings.at(settings.steps() - 1);
        for (LearnedWeight weight : training.weights()) {
            byte[] codes = weight.codes(training.kernel());
            masks.add(weight.mask(codes));
            double moved = LearnedWeight.difference(codes, weight.start(), settings.pattern());
            MaskFigures figures = weight.figures(training.kernel(), last);
            changes.add(new LayerChange(
                    weight.name(), weight.count(), moved, figures.flipped(), figures.meanMaxProbability()));
            entries += weight.count();
            flipped += weight.count() * moved;
        }
        MaskSet set = MaskSet.of(model, METHOD, settings.pattern(), masks, description());
        OptionalDouble perplexity = OptionalDouble.empty();
        if (heldOut.tokens().length > 0) {
            training.harden();
            perplexity = OptionalDouble.of(training.perplexity(heldOut.tokens(), cancellation));
        }
        double session = (System.nanoTime() - begin) * 1e-9;
        double seconds = session - result.sessionSeconds() + result.seconds(); // with those before a resume
        return new MaskLearningResult(
                set,
                result.steps(),
                seconds,
                result.sessionSeconds() / Math.max(1, training.taken()),
                entries,
                entries == 0 ? 0 : flipped / entries,
                changes,
                perplexity,
                ProcessMemory.peak());
    }

    private SortedMap<String, String> description() {
        SortedMap<String, String> texts = Components.planned(settings);
        texts.put("steps", Long.toString(settings.steps()));
        texts.put("seed", Long.toString(settings.seed()));
        texts.put("text", train.digest());
        texts.put("prior", prior.map(MaskSet::method).orElse("none"));
        return texts;
    }

    @Override
    public void close() {
        training.close();
    }
}
