package dev.lapidary.app.command;

import dev.lapidary.concept.audit.NameAccuracy;
import dev.lapidary.concept.calibration.CalibrationReport;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.TrainingOverlap;
import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ConceptLabels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Judges a trained classifier and its stored baselines on items never seen. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = {
            "Judges a trained classifier and its stored baselines on labelled items that it never saw; fits nothing.",
            "It also reports how good calibrated probabilities and prediction sets are: calibration error, log loss, and for each error "
                    + "rate how many sets lack the true class, how large sets are, and how often the model answers. Items that it "
                    + "was calibrated on are left out of these figures.",
            "JSON: the fields of train; trainingItems, how many items the model learned from or chose its settings on, and accuracyOnOthers, of the deciding seed, where some are; edits of an edited model; calibration (temperature, temperatureFrom, setsFrom, calibrationItems, judged, leftOut, before "
                    + "and after (calibrationError, calibrationErrorInterval, logLoss, brier), sets (errorRate, tooFewItems, "
                    + "rateInUse, errors, errorsInterval, meanSize, answered, answeredRight, empty, worstClass, "
                    + "worstClassErrors)) where the model has one; with --concept-labels conceptAccuracy and what encoder evaluate "
                    + "says of concepts besides."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts evaluate --model model --data later-news.csv",
            "  lapidary concepts evaluate --model model --data later-news.csv --text body --label topic --json",
            "  lapidary concepts evaluate --model model --data later-news.csv --error-rate 0.05,0.1",
            "  lapidary concepts evaluate --model model --images later-photos --encoder clip-vit-base-patch32",
        })
final class EvaluateCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Option(
            names = {"--error-rate", "--alpha"},
            paramLabel = "RATES",
            hideParamSyntax = true,
            split = ",",
            description = "Judge prediction sets at these error rates, separated by commas. Default: 0.05,0.1,0.2.")
    private List<Double> errorRates = List.of(0.05, 0.1, 0.2);

    @Option(
            names = "--concept-labels",
            paramLabel = "FILE",
            description =
                    "A table with a row for each image and a column of 0 and 1 for each concept: measures whether the classifier's "
                            + "concepts mean what they say.")
    private @Nullable Path conceptLabels;

    @Mixin
    private Output output;

    EvaluateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        data.requireSound();
        errorRates.forEach(ConformalSets::requireRate);
        ConceptClassifier classifier = ConceptClassifier.read(model);
        try (ReadItems read = ReadItems.toJudge(classifier, data, encoder, output)) {
            Dataset labelled = read.data().relabel(classifier.classes());
            try (ModelItems items = ModelItems.of(classifier, labelled, encoder, output.progress())) {
                List<String> warnings = new ArrayList<>(items.warnings());
                if (!classifier.edits().isEmpty()) {
                    long edited = classifier.report().deciding().seed();
                    warnings.add(
                            "this model was edited by hand after training (" + String.join("; ", classifier.edits())
                                    + "): of the seeds judged here only seed " + edited
                                    + ", which decides, is edited; read its own accuracy, not the mean");
                }
                TrainingOverlap overlap = classifier.overlap(labelled, items.matrix());
                Report report =
                        classifier.evaluate(labelled, items.matrix(), overlap, Durations.since(begin), warnings);
                output.warnings(report.warnings());
                ObjectNode json = ReportView.json(report, false);
                json.put("seconds", Durations.since(begin));
                json.put("trainingItems", overlap.trainingItems());
                overlap.accuracyOnOthers().ifPresent(accuracy -> json.put("accuracyOnOthers", accuracy));
                json.setAll(JsonLine.object(read.fields()));
                if (!classifier.edits().isEmpty()) {
                    json.set("edits", JsonLine.tree(classifier.edits()));
                }
                Optional<CalibrationReport> calibration = calibration(classifier, labelled, items.matrix());
                calibration.ifPresent(found -> json.set("calibration", JsonLine.tree(found)));
                Optional<ConceptAccuracy> concepts = concepts(classifier, labelled, items.matrix());
                concepts.ifPresent(found -> json.setAll(JsonLine.object(ConceptAccuracyView.fields(found))));
                return output.result(
                        () -> ModelView.edits(classifier)
                                + ReportView.text(report, classifier.classes(), true)
                                + calibration
                                        .map(found -> "\n"
                                                + CalibrationView.text(
                                                        found, report.deciding().seed()))
                                        .orElse("")
                                + concepts.map(found -> "\n" + ConceptAccuracyView.text(found))
                                        .orElse(""),
                        () -> json);
            }
        }
    }

    private Optional<CalibrationReport> calibration(
            ConceptClassifier classifier, Dataset items, EmbeddingMatrix matrix) {
        if (classifier.calibration().isEmpty()) {
            output.remark("no figures of calibrated probabilities: " + ErrorRateOption.none(model));
            return Optional.empty();
        }
        int[] rows = IntStream.range(0, items.size()).toArray();
        CalibrationReport found = CalibrationReport.of(
                classifier.calibration().get(),
                classifier.scored(items, matrix, rows, "items judged"),
                classifier.classes(),
                errorRates);
        output.warnings(found.warnings());
        return Optional.of(found);
    }

    private Optional<ConceptAccuracy> concepts(ConceptClassifier classifier, Dataset items, EmbeddingMatrix matrix) {
        if (conceptLabels == null) {
            return Optional.empty();
        }
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            paths.add(items.id(i));
        }
        return Optional.of(NameAccuracy.measure(
                matrix,
                paths,
                new NameAccuracy.Named(classifier.concepts().names(), classifier.conceptVectors()),
                ConceptLabels.read(conceptLabels, paths),
                0));
    }
}
