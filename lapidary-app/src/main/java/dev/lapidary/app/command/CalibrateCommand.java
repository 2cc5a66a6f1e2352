package dev.lapidary.app.command;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.classifier.ClassifierArtifact;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.Dataset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Calibrates a trained classifier on labelled items that it never saw. */
@Command(
        name = "calibrate",
        sortOptions = false,
        description = {
            "Calibrates a trained classifier on labelled items that it never saw, and saves it in another folder.",
            "The temperature of its probabilities comes from a quarter of them, the thresholds of its prediction sets from the others. "
                    + "Classes, concepts and weights stay as they are.",
            "Training calibrates already. Use this where new items are unlike those of the training, or weights were edited by hand.",
            "JSON: items (of the prediction sets; items of the training are left out), temperature, ratesFrom (the least error rate that this number of items allows), folder; skipped with --images."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts calibrate --model model --data labelled-news.csv --out calibrated",
            "  lapidary concepts calibrate --model edited --data labelled-news.csv --out calibrated --json",
        })
final class CalibrateCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Save the calibrated classifier in this folder.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    CalibrateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        data.requireSound();
        OutputFolder.require(out, new ClassifierArtifact(), model);
        overwrite.require(out);
        ConceptClassifier classifier = ConceptClassifier.read(model);
        try (ReadItems read = ReadItems.toJudge(classifier, data, encoder, output)) {
            Dataset labelled = read.data().relabel(classifier.classes());
            try (ModelItems items = ModelItems.of(classifier, labelled, encoder, output.progress())) {
                output.warnings(items.warnings());
                int known = classifier.trainingRows(labelled).length;
                if (known > 0 && known < labelled.size()) {
                    output.warnings(List.of(known + " of " + labelled.size()
                            + " items are left out: the model learned from them or chose its settings on them"));
                }
                ConceptClassifier calibrated = classifier.calibratedOn(labelled, items.matrix(), "items of " + name());
                calibrated.save(out);
                Calibration calibration = calibrated.calibration().orElseThrow();
                return output.result(() -> text(calibration), () -> json(calibration, read));
            }
        }
    }

    private @Nullable Path name() {
        return data.path().getFileName();
    }

    private String text(Calibration calibration) {
        return said(calibration) + "Saved in " + out + ".\n";
    }

    /** What a calibration is, in a sentence for people. */
    static String said(Calibration calibration) {
        return String.format(
                Locale.ROOT,
                "Calibrated: temperature %.3f from %s; prediction sets on %d %s, enough for error rates from %s.%n",
                calibration.temperature(),
                calibration.temperatureFrom(),
                calibration.items(),
                calibration.setsFrom(),
                ReportView.percent(leastRate(calibration)));
    }

    private static double leastRate(Calibration calibration) {
        return 1.0 / (calibration.items() + 1);
    }

    private Map<String, Object> json(Calibration calibration, ReadItems read) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("items", calibration.items());
        object.put("temperature", calibration.temperature());
        object.put("ratesFrom", leastRate(calibration));
        object.put("folder", out.toAbsolutePath().normalize().toString());
        object.putAll(read.fields());
        return object;
    }
}
