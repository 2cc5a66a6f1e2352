package dev.lapidary.app.command;

import dev.lapidary.language.DividedText;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.DenseBudget;
import dev.lapidary.sparsity.MaskArtifact;
import dev.lapidary.sparsity.MaskComparison;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningResult;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotSettings;
import dev.lapidary.sparsity.SparseGptMask;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Learns which weights of a language model to keep. */
@Command(
        name = "learn",
        sortOptions = false,
        description = {
            "Learns which N of every M weights of a language model to keep, with the model's own loss on a text, and compares the "
                    + "mask on the held-out end of the text with the dense model and one-shot methods.",
            "JSON: steps, seconds, secondsPerStep, weights, flippedFromPrior, predictedPeakBytes, peakBytes, perplexity, methods, "
                    + "gapClosed, pattern, density, prior, with a budget also budget, layers, folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask learn --model model --text book.txt --out mask",
            "  lapidary mask learn --model model --text law.txt --prior general-mask --steps 150 --out law-mask",
            "  lapidary mask learn --model model --text book.txt --out mask --restart",
        })
final class MaskLearnCommand implements Callable<Integer> {
    static final String NONE = "none";

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Folder of the language model.")
    private Path modelFolder = Path.of("");

    @Option(
            names = "--text",
            paramLabel = "FILE",
            required = true,
            arity = "1..*",
            description = "Text to learn from, UTF-8, read verbatim and in order.")
    private List<Path> texts = List.of();

    @Option(
            names = "--prior",
            paramLabel = "none|METHOD|DIR",
            description =
                    "Where the choice starts: nowhere, at a one-shot method that leaves weights as they are, or at the mask of a "
                            + "folder, for this model (transfer). Default: sparsegpt.")
    private String prior = "sparsegpt";

    @Option(
            names = "--compare",
            paramLabel = "LIST",
            split = ",",
            completionCandidates = FoundMethods.OneShotNames.class,
            description =
                    "One-shot methods to measure beside it, or none: ${bundle:" + FoundMethods.ONE_SHOT
                            + "}. Default: magnitude,wanda,sparsegpt,sparsegpt-update.")
    private List<String> compare = List.of("magnitude", "wanda", "sparsegpt", "sparsegpt-update");

    @Option(
            names = "--holdout",
            paramLabel = "X",
            description = "Share of the text, at its end, that only the table is measured on. Default: 0.1.")
    private double holdout = 0.1;

    @Mixin
    private MaskLearnOptions options = new MaskLearnOptions();

    @Option(
            names = "--max-dense-layers",
            paramLabel = "N",
            description = "Leave up to so many linear layers whole, those where the prior's mask hurts most.")
    private @Nullable Integer maxDenseLayers;

    @Option(
            names = "--max-perplexity",
            paramLabel = "X",
            description =
                    "Leave as few weights whole as keep the learned mask at this perplexity, on text set aside for it.")
    private @Nullable Double maxPerplexity;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Save the mask in this folder.")
    private Path out = Path.of("");

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private Output output;

    MaskLearnCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        MaskLearningSettings settings = options.settings();
        List<OneShotMethod> methods = methods();
        Start start = start();
        budget();
        if (!(holdout > 0 && holdout < 1)) {
            throw new InputException("--holdout must be between 0 and 1; got " + holdout);
        }
        OutputFolder.require(out, new MaskArtifact(), inputs(start));
        try (LanguageModel model = LanguageModel.open(modelFolder)) {
            int layers = model.prunable().size();
            if (maxDenseLayers != null && maxDenseLayers >= layers) {
                throw new InputException("--max-dense-layers must leave some of the model's " + layers
                        + " linear layers to mask; got " + maxDenseLayers);
            }
            DividedText text;
            try (TextTokenizer tokenizer = TextTokenizer.open(modelFolder)) {
                text = DividedText.read(texts, tokenizer, model.config(), holdout);
            }
            return UnfinishedTraining.run(
                    out, restart, output, work -> learn(model, text, settings, methods, start, work));
        }
    }

    private Path[] inputs(Start start) {
        Stream<Path> read = Stream.concat(Stream.of(modelFolder), texts.stream());
        return Stream.concat(read, start.masks().stream().map(masks -> Path.of(prior)))
                .toArray(Path[]::new);
    }

    private Optional<DenseBudget.Limit> budget() {
        if (maxDenseLayers == null && maxPerplexity == null) {
            return Optional.empty();
        }
        return Optional.of(new DenseBudget.Limit(
                maxDenseLayers == null ? OptionalInt.empty() : OptionalInt.of(maxDenseLayers),
                maxPerplexity == null ? OptionalDouble.empty() : OptionalDouble.of(maxPerplexity)));
    }

    private List<OneShotMethod> methods() {
        return compare.equals(List.of(NONE))
                ? List.of()
                : compare.stream().map(String::strip).map(OneShotMethod::of).toList();
    }

    /** Where the choice starts: a one-shot method, a mask folder, or neither. */
    private record Start(Optional<OneShotMethod> method, Optional<MaskSet> masks) {}

    private Start start() {
        if (prior.equals(NONE)) {
            return new Start(Optional.empty(), Optional.empty());
        }
        Optional<OneShotMethod> named = OneShotMethod.all().stream()
                .filter(method -> method.name().equals(prior))
                .findFirst();
        if (named.isEmpty() && !Files.isDirectory(Path.of(prior))) {
            throw new InputException("--prior must be " + String.join(", ", FoundMethods.priors())
                    + " or a mask folder; got " + prior);
        }
        if (named.filter(OneShotMethod::changesWeights).isPresent()) {
            throw new InputException(
                    "--prior must keep the weights as they are; got " + prior + ", which changes them");
        }
        return new Start(named, named.isPresent() ? Optional.empty() : Optional.of(MaskFolder.open(Path.of(prior))));
    }

    private int learn(
            LanguageModel model,
            DividedText text,
            MaskLearningSettings given,
            List<OneShotMethod> methods,
            Start start,
            UnfinishedWork work)
            throws IOException {
        MaskComparison comparison = comparison(model, text, given.pattern());
        comparison.measureDense(); // first: a text that is too short is refused before anything takes long
        if (maxPerplexity != null) {
            int[] aside = MaskLearning.aside(model, text.training(), given);
            DenseBudget.requireReachable(model, aside, budget().orElseThrow(), output.cancellation());
        }
        Optional<MaskSet> masks = start.method().map(comparison::oneShot).or(start::masks);
        Optional<DenseBudget.Choice> choice = maxDenseLayers == null
                ? Optional.empty()
                : Optional.of(choose(
                        model,
                        masks.orElseGet(() -> comparison.oneShot(new SparseGptMask())),
                        text.training().tokens()));
        MaskLearningSettings settings = choice.isEmpty()
                ? given
                : given.withDense(new LinkedHashSet<>(choice.get().denseLayers()));
        MaskLearningResult result;
        long predicted;
        try (MaskLearning learning = MaskLearning.prepare(model, text.training(), text.heldOut(), masks, settings)) {
            predicted = learning.plan().predictedPeakBytes();
            Checkpointing checkpoints = Checkpointing.in(work.checkpoints());
            announce(learning, checkpoints);
            result = learning.run(Optional.of(checkpoints), output.progress(), output.cancellation());
        }
        MaskSet learned = result.masks();
        if (maxPerplexity != null) {
            choice = Optional.of(choose(model, learned, MaskLearning.aside(model, text.training(), given)));
            learned = choice.get().applyTo(model, learned);
        }
        choice.ifPresent(made -> comparison.keepDense(made.denseLayers()));
        comparison.measure(MaskLearning.METHOD, learned);
        for (OneShotMethod method : methods) {
            comparison.measure(method);
        }
        MaskReport report = new MaskReport(result, learned, comparison, predicted, prior, choice);
        save(report, work);
        return output.result(() -> report.text() + "\n" + whatNext(), () -> json(report));
    }

    private MaskComparison comparison(LanguageModel model, DividedText text, SparsityPattern pattern) {
        return new MaskComparison(
                model,
                text.training().tokens(),
                text.heldOut().tokens(),
                pattern,
                OneShotSettings.defaults(),
                output.progress(),
                output.cancellation());
    }

    private DenseBudget.Choice choose(LanguageModel model, MaskSet masks, int[] tokens) {
        return DenseBudget.choose(
                model, masks, tokens, budget().orElseThrow(), output.progress(), output.cancellation());
    }

    private void announce(MaskLearning learning, Checkpointing checkpoints) {
        long steps = learning.stepsLeft(Optional.of(checkpoints));
        output.remark("predicted " + learning.plan().text());
        output.remark("predicted time " + Durations.text(learning.predictSeconds(steps)) + " for " + steps + " steps");
    }

    private void save(MaskReport report, UnfinishedWork work) throws IOException {
        Artifact.write(out, new MaskArtifact(), folder -> {
            MaskFolder.write(folder, report.masks());
            Files.copy(work.checkpoints().resolve(MaskLearning.METRICS), folder.resolve(MaskLearning.METRICS));
            Files.writeString(folder.resolve("report.json"), JsonLine.of(report.json()) + "\n");
        });
    }

    private ObjectNode json(MaskReport report) {
        ObjectNode object = report.json();
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return object;
    }

    private String whatNext() {
        return "Saved in " + out + ". Next:\n  lapidary mask inspect " + out + "\n  lapidary mask apply --model "
                + modelFolder + " --mask " + out + " --out pruned-model\n";
    }
}
