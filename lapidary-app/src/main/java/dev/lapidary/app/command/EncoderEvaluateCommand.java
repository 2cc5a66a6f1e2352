package dev.lapidary.app.command;

import dev.lapidary.concept.audit.EncoderEvaluation;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.file.CacheFolder;
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

/** Measures what an encoder of images and texts knows by name. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = {
            "Measures an encoder of images and texts by itself: how often the most similar class name is the right one, and, with "
                    + "true labels of concepts, whether the similarity to a concept's name tells which images show it.",
            "A concept counts as present above a threshold that is chosen on one half of the images; the other half judges. The "
                    + "control is the same with names shuffled among concepts that do not depend on each other.",
            "JSON: examples, zeroShot (with labels), conceptAccuracy (mean balanced accuracy), conceptInterval, "
                    + "conceptShuffled, conceptRocArea, conceptsCounted, conceptFigures (each: name, share, balancedAccuracy, "
                    + "rocArea), imagesPerSecond, skipped (name, reason; the first 100)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder evaluate --encoder encoder --images cifar10-test.zip",
            "  lapidary encoder evaluate --encoder encoder --images scenes/scenes.csv --concept-labels scenes/concepts.csv",
        })
final class EncoderEvaluateCommand implements Callable<Integer> {
    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            required = true,
            description = "An ONNX export of a CLIP or SigLIP, such as encoder train writes.")
    private Path encoder = Path.of("");

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "A folder or zip archive of images, or a table of their paths, as for concepts train.")
    private Path images = Path.of("");

    @Option(
            names = "--concept-labels",
            paramLabel = "FILE",
            description = "A table with a row for each image and a column of 0 and 1 for each concept.")
    private @Nullable Path conceptLabels;

    @Option(
            names = "--prompt",
            paramLabel = "TEMPLATE",
            description = "A sentence with {} for a name; repeat it for an ensemble. Default: the encoder's own.")
    private List<String> prompts = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Draws the halves and the shuffled names. Default: 0.")
    private long seed;

    @Mixin
    private Output output;

    EncoderEvaluateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        try (ImageItems items = ImageItems.openUnlabelled(images);
                ImageTextEncoder opened =
                        new ImageEmbeddingCache(ClipEncoder.open(encoder), CacheFolder.sub("embeddings"))) {
            EncoderEvaluation evaluation = EncoderEvaluation.of(opened)
                    .seed(seed)
                    .whenEncoded(this::warn)
                    .progress(output.progress());
            if (!prompts.isEmpty()) {
                evaluation.prompts(prompts);
            }
            if (conceptLabels != null) {
                evaluation.conceptLabels(conceptLabels);
            }
            EncoderEvaluation.Result found = evaluation.run(items);
            return output.result(() -> text(found), () -> json(found));
        }
    }

    private void warn(EncodedImages encoded) {
        output.warnings(encoded.report().warnings());
        output.warnings(encoded.overlap().stream().toList());
    }

    private static String text(EncoderEvaluation.Result found) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,d images%n", found.images()));
        found.zeroShot()
                .ifPresent(share -> text.append("zero-shot accuracy: ")
                        .append(ReportView.percent(share))
                        .append('\n'));
        found.concepts().map(ConceptAccuracyView::text).ifPresent(text::append);
        return text.toString();
    }

    private static Map<String, Object> json(EncoderEvaluation.Result found) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("examples", found.images());
        found.zeroShot().ifPresent(share -> object.put("zeroShot", share));
        found.concepts().map(ConceptAccuracyView::fields).ifPresent(object::putAll);
        object.put("imagesPerSecond", found.images() / found.secondsToEncode());
        object.put("skipped", ReadItems.named(found.report().skipped()));
        return object;
    }
}
