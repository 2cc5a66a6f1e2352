package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.adapt.BottleneckObjective;
import dev.lapidary.contrast.AdaptedEncoder;
import dev.lapidary.contrast.AdapterSettings;
import dev.lapidary.contrast.DualEncoderArtifact;
import dev.lapidary.contrast.EncoderAdaptationRun;
import dev.lapidary.contrast.LabelledImages;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tunes the image network of a pair of encoders by low-rank adapters. */
@Command(
        name = "adapt",
        sortOptions = false,
        description = {
            "Tunes the image network of encoders that encoder train wrote for a classifier of concepts: low-rank adapters, a "
                    + "bottleneck layer and a head are trained together on images with classes, by the published joint loss.",
            "The adapters are added to the weights; the folder is one of encoders as before, with the same text side, on which "
                    + "concepts train begins anew. Tuning for classes may cost concepts their meaning: encoder evaluate "
                    + "--concept-labels tells, before and after.",
            "JSON: steps, seconds, images, heldOutImages, accuracy (of the jointly trained head on held-out images), parameters "
                    + "(numbers of the adapters), imagesPerSecond, skipped (name, reason; the first 100), folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder adapt --encoder encoder --images cifar10-train.zip --concepts concepts.txt --out adapted",
            "  lapidary encoder adapt --encoder encoder --images photos --concepts concepts.txt --rank 4 --loss l1 --out adapted",
            "  lapidary encoder adapt --encoder encoder --images photos --concepts concepts.txt --out adapted --restart",
        })
final class EncoderAdaptCommand implements Callable<Integer> {
    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            required = true,
            description = "Encoders that encoder train or encoder adapt wrote.")
    private Path encoder = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description =
                    "A folder or zip archive with one folder of images per class, or a table with columns path and label.")
    private Path images = Path.of("");

    @Option(
            names = "--concepts",
            paramLabel = "FILE",
            required = true,
            description = "The concepts that the scores belong to, one a line.")
    private Path concepts = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Write the encoders into this folder.")
    private Path out = Path.of("");

    @Mixin
    private SettingsOptions<AdapterSettings> options = SettingsOptions.of(AdapterSettings.class);

    @Mixin
    private SettingsOptions<BottleneckObjective> objective = SettingsOptions.of(BottleneckObjective.class);

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    EncoderAdaptCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        OutputFolder.require(out, new DualEncoderArtifact(), encoder, images, concepts);
        overwrite.require(out);
        EncoderAdaptationRun run = EncoderAdaptationRun.of(encoder, objective.settings())
                .settings(options.settings())
                .progress(output.progress())
                .cancellation(output.cancellation());
        List<String> names = ConceptSet.read(concepts, new ConceptLedger()).names();
        run.whenRead(labelled -> announce(labelled, names.size()));
        return UnfinishedTraining.run(
                out, restart, output, work -> answer(run.run(images, names, out, work), work.seconds()));
    }

    private void announce(LabelledImages labelled, int names) {
        output.warnings(labelled.report().warnings());
        output.remark("training adapters on " + ReportView.count(labelled.size(), "image") + ", "
                + labelled.classes().size() + " classes, " + ReportView.count(names, "concept"));
    }

    private int answer(AdaptedEncoder adapted, double seconds) {
        Map<String, Number> figures = new TreeMap<>(adapted.figures());
        figures.put("seconds", seconds);
        Map<String, Object> object = new LinkedHashMap<>(figures);
        object.put("skipped", ReadItems.named(adapted.report().skipped()));
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return output.result(
                () -> String.format(
                        Locale.ROOT,
                        "Accuracy %.1f %% on %,d held-out images with %,d numbers in adapters, %,d steps, %.0f s.%n"
                                + "Saved in %s. Next:%n  lapidary concepts train --images %s --test OTHER_IMAGES --encoder %s --concepts %s%n",
                        100 * figures.getOrDefault("accuracy", 0).doubleValue(),
                        figures.get("heldOutImages"),
                        figures.get("parameters"),
                        figures.get("steps"),
                        seconds,
                        out,
                        images,
                        out,
                        concepts),
                () -> object);
    }
}
