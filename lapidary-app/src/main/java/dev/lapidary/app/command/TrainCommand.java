package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.classifier.ClassifierArtifact;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.data.Dataset;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.TextEncoder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Trains an explainable classifier beside its baselines. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Trains a classifier that decides by a few human-readable concepts, and compares it on the same unseen items with "
                    + "four baselines.",
            "JSON: method, faithful, accuracy, macroF1, nec, concepts, classes, examples, seconds, seeds, baselines, intervals, "
                    + "verdicts (baseline: better, worse or undecided), "
                    + "deviation, majority, details, warnings, decides (the seed that predictions come from: seed, accuracy), necReached (method, random-words, random-directions), dropped (the concepts left out: concept, rule, value, threshold, against, "
                    + "reason); folder with --out; skipped (name, reason; the first 100) with --images."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts train --data news.csv --out model",
            "  lapidary concepts train --data news.csv --text title,body --label topic --nec 10",
            "  lapidary concepts train --data items.safetensors --labels labels.txt --encoder my-encoder --json",
            "  lapidary concepts train --images photos --encoder clip-vit-base-patch32 --concepts concepts.txt --out model",
        })
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--test",
            paramLabel = "PATH",
            description =
                    "Report on these items, of the same form as --data or --images, and learn from all others; by default a fifth "
                            + "of the items, drawn anew by every seed. Nothing is chosen on them; the thresholds of prediction "
                            + "sets are measured on them.")
    private @Nullable Path test;

    @Mixin
    private ConceptOptions concepts = new ConceptOptions();

    @Option(
            names = "--method",
            paramLabel = "NAME",
            completionCandidates = FoundMethods.BottleneckNames.class,
            description =
                    "How to decide from concept scores: ${bundle:" + FoundMethods.BOTTLENECK + "}. Default: sparse.")
    private @Nullable String method;

    @Mixin
    private SettingsOptions<ConceptConfig> options = SettingsOptions.of(ConceptConfig.class);

    @Option(names = "--out", paramLabel = "DIR", description = "Save the classifier in this folder.")
    private @Nullable Path out;

    @Option(names = "--full", description = "Put every seed's curves over NEC into the JSON too.")
    private boolean full;

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private PromptOptions prompts = new PromptOptions();

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    TrainCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        ConceptConfig config = config();
        data.requireSound();
        var limits = filters.settings(concepts, encoder);
        concepts.requireSound();
        prompts.requireSound();
        if (out != null) {
            OutputFolder.require(out, new ClassifierArtifact(), data.files());
            overwrite.require(out);
        }
        try (ReadItems read = read();
                TextEncoder opened = needsEncoder(read) ? encoder.open() : null) {
            output.remark("training " + config.method().id() + " on " + read + ", "
                    + ReportView.count(config.seeds(), "seed"));
            ConceptTraining training = training(read, opened);
            training.config(config).filters(limits).progress(output.progress()).cancellation(output.cancellation());
            concepts.apply(training, output.progress());
            Path folder = out;
            if (folder == null) {
                return answer(training.run(), read);
            }
            return UnfinishedTraining.run(folder, restart, output, work -> {
                ConceptClassifier classifier =
                        training.resumable(work.checkpoints()).run();
                classifier.save(folder);
                return answer(classifier, read);
            });
        }
    }

    private ReadItems read() {
        ReadItems read = ReadItems.toLearnFrom(data, encoder, test == null, output);
        return test == null ? read : read.reportingOn(test, data, output);
    }

    private ConceptConfig config() {
        ConceptConfig defaults = ConceptConfig.defaults();
        ConceptConfig config = options.settings(method == null ? defaults : defaults.withMethod(Method.of(method)));
        BottleneckMethod.of(config);
        return config;
    }

    /** Without one, embeddings are only usable where the concepts come embedded too; images come with theirs. */
    private boolean needsEncoder(ReadItems read) {
        return read.images() == null && (read.data().hasTexts() || encoder.given() || !concepts.embedded());
    }

    private ConceptTraining training(ReadItems read, @Nullable TextEncoder opened) {
        Dataset items = read.data();
        ImageTextEncoder images = read.images();
        if (images != null) {
            return ConceptTraining.ofImages(items, images).prompts(prompts.templates(images, items, output));
        }
        ConceptTraining training =
                opened == null ? ConceptTraining.ofEmbeddings(items) : ConceptTraining.of(items, opened);
        return training.prompts(prompts.templates(opened, items, output));
    }

    private int answer(ConceptClassifier classifier, ReadItems read) {
        Report report = classifier.report();
        output.warnings(report.warnings());
        return output.result(
                () -> ReportView.text(report, classifier.classes(), true)
                        + DroppedView.text(classifier.ledger(), concepts.file().isPresent())
                        + "\n"
                        + classifier.calibration().map(CalibrateCommand::said).orElse("")
                        + forgets(classifier)
                        + whatNext(read.images() != null),
                () -> json(classifier, read));
    }

    private static String forgets(ConceptClassifier classifier) {
        return classifier.identity().config().noSeenItems()
                ? "No embeddings of training items are kept; whether an item is far from them will not be known.\n"
                : "";
    }

    private ObjectNode json(ConceptClassifier classifier, ReadItems read) {
        ObjectNode object = ReportView.json(classifier.report(), full);
        object.setAll(JsonLine.object(Map.of("dropped", DroppedView.json(classifier.ledger()))));
        object.setAll(JsonLine.object(read.fields()));
        if (out != null) {
            object.put("folder", out.toAbsolutePath().normalize().toString());
        }
        return object;
    }

    private String whatNext(boolean images) {
        if (out == null) {
            return "Not saved: --out DIR keeps the classifier.\n";
        }
        return "Saved in " + out + ". Next:\n  lapidary concepts explain --model " + out
                + (images ? " --encoder DIR --image FILE\n" : " --input \"some text\"\n");
    }
}
