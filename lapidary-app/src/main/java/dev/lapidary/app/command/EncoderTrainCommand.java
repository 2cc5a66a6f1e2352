package dev.lapidary.app.command;

import dev.lapidary.contrast.ContrastiveSettings;
import dev.lapidary.contrast.DualEncoderArtifact;
import dev.lapidary.contrast.EncoderTrainingRun;
import dev.lapidary.contrast.ImageTextPairs;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains an image network and a projection of a sentence encoder on images and captions. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Trains a CLIP-like pair of encoders on images and their captions: a small residual network from random weights, and "
                    + "a projection of a sentence encoder. A tenth of the images is held out.",
            "The folder has the layout of ONNX exports of CLIP, so that --encoder of other commands reads it, and other tools do.",
            "JSON: steps, seconds, images, heldOutImages, captions, precision (R-precision: of the k captions most similar to a "
                    + "held-out image the share that is its own, k being how many it has), imagesPerSecond, parameters, "
                    + "skipped (name, reason; the first 100), folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder train --images photos.csv --out encoder",
            "  lapidary encoder train --images cifar10-train.zip --captions concepts/cifar-10-captions.txt --out encoder",
            "  lapidary encoder train --images scenes/scenes.csv --concept-labels scenes/concepts.csv --out encoder",
            "  lapidary encoder train --images photos.csv --out encoder --restart",
        })
final class EncoderTrainCommand implements Callable<Integer> {
    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description =
                    "A folder or zip archive with one folder of images per class, or a .csv, .tsv or .jsonl file with columns "
                            + "path, caption and perhaps label.")
    private Path images = Path.of("");

    @Option(
            names = "--captions",
            paramLabel = "FILE",
            description = "Captions of classes, a line \"class: caption\" for each, instead of those in the table.")
    private @Nullable Path captions;

    @Option(
            names = "--concept-labels",
            paramLabel = "FILE",
            description = "A table of 0 and 1 for images and concepts: the names of those present are captions too.")
    private @Nullable Path conceptLabels;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Write the encoders into this folder.")
    private Path out = Path.of("");

    @Option(
            names = "--text-encoder",
            paramLabel = "DIR",
            description = "The sentence encoder that is projected, an ONNX export; by default the packaged one.")
    private @Nullable Path textEncoder;

    @Mixin
    private SettingsOptions<ContrastiveSettings> options =
            SettingsOptions.of(ContrastiveSettings.class, "training.mirror");

    @Option(
            names = "--mirror",
            paramLabel = "on|off",
            description =
                    "Whether images are also shown mirrored. Default: on with --captions and no --concept-labels, else off, since "
                            + "captions may tell left from right.")
    private @Nullable String mirror;

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    EncoderTrainCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        Path[] read = Stream.of(images, captions, conceptLabels, textEncoder)
                .filter(path -> path != null)
                .toArray(Path[]::new);
        OutputFolder.require(out, new DualEncoderArtifact(), read);
        overwrite.require(out);
        EncoderTrainingRun run = EncoderTrainingRun.of(images)
                .settings(settings())
                .whenRead(this::announce)
                .progress(output.progress())
                .cancellation(output.cancellation());
        if (captions != null) {
            run.captions(captions);
        }
        if (conceptLabels != null) {
            run.conceptLabels(conceptLabels);
        }
        if (textEncoder != null) {
            run.textEncoder(textEncoder);
        }
        return UnfinishedTraining.run(out, restart, output, work -> answer(run.run(out, work), work.seconds()));
    }

    private ContrastiveSettings settings() {
        ContrastiveSettings given = options.settings();
        return given.withTraining(given.training().withMirror(mirrors()));
    }

    private boolean mirrors() {
        if (mirror == null) {
            return captions != null && conceptLabels == null;
        }
        return switch (mirror) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new InputException("--mirror must be on or off; got " + mirror);
        };
    }

    private void announce(ImageTextPairs pairs) {
        output.warnings(pairs.report().warnings());
        output.remark("training on " + pairs.size() + " images and "
                + pairs.captions().size() + " captions");
    }

    private int answer(TrainedEncoders trained, double seconds) {
        Map<String, Number> figures = new TreeMap<>(trained.figures());
        figures.put("seconds", seconds);
        Map<String, Object> object = new LinkedHashMap<>(figures);
        object.put("parameters", trained.parameters());
        object.put("skipped", ReadItems.named(trained.report().skipped()));
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return output.result(
                () -> String.format(
                        Locale.ROOT,
                        "R-precision %.1f %% on %,d held-out images after %,d steps, %.0f s, %.0f images a second.%n"
                                + "Saved in %s. Next:%n  lapidary concepts train --images %s --test OTHER_IMAGES --encoder %s --concepts FILE%n",
                        100 * figures.getOrDefault("precision", 0).doubleValue(),
                        figures.get("heldOutImages"),
                        figures.get("steps"),
                        seconds,
                        figures.getOrDefault("imagesPerSecond", 0).doubleValue(),
                        out,
                        images,
                        out),
                () -> object);
    }
}
