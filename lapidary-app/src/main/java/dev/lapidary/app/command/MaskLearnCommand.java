package dev.lapidary.app.command;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.DividedText;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.sparsity.DenseBudget;
import dev.lapidary.sparsity.LearnedMask;
import dev.lapidary.sparsity.MaskArtifact;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningRun;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MaskPrior;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            "Learns which N of every M weights of a language model to keep, with the model's own loss on a text, and "
                    + "compares the mask on text held out (the end of the text, or --test) with the dense model and one-shot "
                    + "methods.",
            "JSON: steps, seconds, secondsPerStep, weights, flippedFromPrior, predictedPeakBytes, peakBytes; perplexity and "
                    + "methods (perplexities), all on text held out; gapClosed, gapClosedUndefined (why, where gapClosed is "
                    + "empty), pattern, density, prior, with a budget also budget, layers, folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask learn --model model --text book.txt --out mask",
            "  lapidary mask learn --model model --text law.txt --prior general-mask --steps 150 --out law-mask",
            "  lapidary mask learn --model model --text book.txt --out mask --restart",
        })
final class MaskLearnCommand implements Callable<Integer> {
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
    private String prior = MaskLearningRun.PRIOR;

    @Option(
            names = "--compare",
            paramLabel = "NAMES",
            hideParamSyntax = true,
            split = ",",
            completionCandidates = FoundMethods.OneShotNames.class,
            description = "One-shot methods to measure beside it, separated by commas, or none: ${bundle:"
                    + FoundMethods.ONE_SHOT + "}. Default: magnitude,wanda,sparsegpt,sparsegpt-update.")
    private List<String> compare = MaskLearningRun.COMPARED;

    @Option(
            names = "--holdout",
            paramLabel = "X",
            description = "Share of the text, at its end, that only the table is measured on. Default: "
                    + MaskLearningRun.HELD_OUT + ".")
    private double holdout = MaskLearningRun.HELD_OUT;

    @Option(
            names = "--test",
            paramLabel = "FILE",
            arity = "1..*",
            description = "Measure the table on these texts, and learn from all of --text, in place of --holdout.")
    private List<Path> tests = List.of();

    @Mixin
    private MaskLearnOptions options = new MaskLearnOptions();

    @Option(
            names = "--max-dense-layers",
            paramLabel = "N",
            description = "Leave up to this number of linear layers whole, those where the prior's mask hurts most.")
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
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    MaskLearnCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        MaskLearningSettings settings = options.settings();
        List<OneShotMethod> methods = methods();
        MaskPrior start = MaskPrior.open(prior);
        Optional<DenseBudget.Limit> budget = budget();
        if (!(holdout > 0 && holdout < 1)) {
            throw new InputException("--holdout must be between 0 and 1; got " + holdout);
        }
        if (!tests.isEmpty() && holdout != MaskLearningRun.HELD_OUT) {
            throw new InputException("text must be held out by --test or by --holdout; got both");
        }
        OutputFolder.require(out, new MaskArtifact(), inputs(start));
        overwrite.require(out);
        try (LanguageModel model = LanguageModel.open(modelFolder)) {
            MaskLearningRun run = MaskLearningRun.of(model)
                    .settings(settings)
                    .prior(start)
                    .compare(methods)
                    .whenPrepared(this::announce)
                    .progress(output.progress())
                    .cancellation(output.cancellation());
            budget.ifPresent(run::budget);
            DividedText text;
            try (TextTokenizer tokenizer = TextTokenizer.open(modelFolder)) {
                text = tests.isEmpty()
                        ? DividedText.read(texts, tokenizer, model.config(), holdout)
                        : new DividedText(
                                Corpus.read(texts, tokenizer, model.config()),
                                Corpus.read(tests, tokenizer, model.config()));
            }
            return UnfinishedTraining.run(out, restart, output, work -> {
                LearnedMask learned =
                        run.checkpoints(Checkpointing.in(work.checkpoints())).run(text);
                save(learned, work);
                MaskReport report = new MaskReport(learned);
                return output.result(() -> report.text() + "\n" + whatNext(), () -> json(learned));
            });
        }
    }

    private Path[] inputs(MaskPrior start) {
        Stream<Path> read = Stream.concat(Stream.of(modelFolder), Stream.concat(texts.stream(), tests.stream()));
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
        return compare.equals(List.of(MaskPrior.NONE))
                ? List.of()
                : compare.stream().map(String::strip).map(OneShotMethod::of).toList();
    }

    private void announce(MaskLearningRun.Prediction prediction) {
        output.remark("predicted " + prediction.memory().text());
        output.remark(
                "predicted time " + Durations.text(prediction.seconds()) + " for " + prediction.steps() + " steps");
    }

    private void save(LearnedMask learned, UnfinishedWork work) throws IOException {
        Artifact.write(out, new MaskArtifact(), folder -> {
            MaskFolder.write(folder, learned.masks());
            Files.copy(work.checkpoints().resolve(MaskLearning.METRICS), folder.resolve(MaskLearning.METRICS));
            Files.writeString(folder.resolve("report.json"), JsonLine.of(learned.figures()) + "\n");
        });
    }

    private ObjectNode json(LearnedMask learned) {
        ObjectNode object = JsonLine.object(learned.figures());
        new MaskReport(learned).gaps().undefined().ifPresent(why -> object.put("gapClosedUndefined", why));
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return object;
    }

    private String whatNext() {
        return "Saved in " + out + ". Next:\n  lapidary mask inspect " + out + "\n  lapidary mask apply --model "
                + modelFolder + " --mask " + out + " --out pruned-model\n";
    }
}
