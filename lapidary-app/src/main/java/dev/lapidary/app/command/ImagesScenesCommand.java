package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.synthetic.scene.SceneArtifact;
import dev.lapidary.synthetic.scene.SceneFolder;
import dev.lapidary.synthetic.scene.SceneReport;
import dev.lapidary.synthetic.scene.SceneSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws scenes whose concepts are known. */
@Command(
        name = "scenes",
        sortOptions = false,
        description = {
            "Draws pictures of one to three simple objects, each with a caption, a class and the concepts that it truly shows, so "
                    + "that what a model says of concepts can be checked. The same seed gives the same scenes.",
            "The folder gets images/, scenes.csv (path, label, caption), concepts.csv (path, and 0 or 1 for each concept) and "
                    + "concepts.txt (one concept a line). The same command goes on where it was stopped.",
            "JSON: count, drawn (pictures that were not there), classes (scenes of each), concepts (share of scenes that show "
                    + "each), imagesPerSecond (of those drawn), folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary images scenes --out scenes",
            "  lapidary images scenes --out large-scenes --count 500 --side 224 --seed 1 --json",
        })
final class ImagesScenesCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Mixin
    private SettingsOptions<SceneSettings> options = SettingsOptions.of(SceneSettings.class);

    @Mixin
    private Output output;

    ImagesScenesCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        SceneSettings settings = options.settings();
        OutputFolder.require(out, new SceneArtifact());
        SceneReport report = SceneFolder.write(out, settings, output.progress(), output.cancellation());
        return output.result(() -> text(report), () -> json(report));
    }

    private String text(SceneReport report) {
        TextTable classes = new TextTable().row("class", "scenes");
        report.classes().forEach((label, scenes) -> classes.row(label, String.format(Locale.ROOT, "%,d", scenes)));
        TextTable concepts = new TextTable().row("concept", "present in");
        report.concepts().forEach((name, share) -> concepts.row(name, ReportView.percent(share)));
        return String.format(
                Locale.ROOT,
                "%,d scenes in %s; %,d drawn now, %.0f a second.%n%n%s%n%s",
                report.count(),
                out,
                report.drawn(),
                report.imagesPerSecond(),
                classes,
                concepts);
    }

    private Map<String, Object> json(SceneReport report) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("count", report.count());
        object.put("drawn", report.drawn());
        object.put("classes", report.classes());
        object.put("concepts", report.concepts());
        object.put("imagesPerSecond", report.imagesPerSecond());
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return object;
    }
}
