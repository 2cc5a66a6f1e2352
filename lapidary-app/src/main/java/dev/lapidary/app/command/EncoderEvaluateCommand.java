package dev.lapidary.app.command;

import dev.lapidary.concept.audit.NameAccuracy;
import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.ZeroShot;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.file.CacheFolder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
            Optional<ConceptLabels> labels = conceptLabels == null
                    ? Optional.empty()
                    : Optional.of(ConceptLabels.read(
                            conceptLabels,
                            items.items().stream().map(ImageItem::name).toList()));
            long begin = System.nanoTime();
            try (EncodedImages encoded = opened.encode(items, output.progress())) {
                double seconds = Durations.since(begin);
                output.warnings(encoded.report().warnings());
                output.warnings(encoded.overlap().stream().toList());
                Measured measured = new Measured(
                        encoded, zeroShot(opened, items, encoded), labels.map(read -> concepts(opened, encoded, read)));
                return output.result(() -> text(measured), () -> json(measured, seconds));
            }
        }
    }

    private record Measured(EncodedImages images, OptionalDouble zeroShot, Optional<ConceptAccuracy> concepts) {}

    /** Empty where there are not two classes, or no image has a label. */
    private OptionalDouble zeroShot(ImageTextEncoder opened, ImageItems items, EncodedImages encoded) {
        List<String> classes = items.classes();
        if (classes.size() < 2) {
            return OptionalDouble.empty();
        }
        try (EmbeddingMatrix names = EmbeddingMatrix.of(vectors(opened, classes))) {
            return ZeroShot.accuracy(encoded, classes, names);
        }
    }

    /** Embeddings of names in their prompts, [names, d] of unit length. */
    private float[][] vectors(ImageTextEncoder opened, List<String> names) {
        List<String> templates = prompts.isEmpty() ? opened.promptTemplates() : prompts;
        try (EncodedTexts texts = PromptEncoder.of(opened, templates).encode(names, output.progress())) {
            float[][] vectors = new float[names.size()][];
            Arrays.setAll(vectors, k -> texts.embeddings().row(k));
            return vectors;
        }
    }

    private ConceptAccuracy concepts(ImageTextEncoder opened, EncodedImages encoded, ConceptLabels labels) {
        return NameAccuracy.measure(
                encoded.embeddings(),
                encoded.items().stream().map(ImageItem::name).toList(),
                new NameAccuracy.Named(labels.names(), vectors(opened, labels.names())),
                labels,
                seed);
    }

    private String text(Measured measured) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%,d images%n", measured.images().items().size()));
        measured.zeroShot()
                .ifPresent(share -> text.append("zero-shot accuracy: ")
                        .append(ReportView.percent(share))
                        .append('\n'));
        measured.concepts().map(ConceptAccuracyView::text).ifPresent(text::append);
        return text.toString();
    }

    private Map<String, Object> json(Measured measured, double seconds) {
        Map<String, Object> object = new LinkedHashMap<>();
        int size = measured.images().items().size();
        object.put("examples", size);
        measured.zeroShot().ifPresent(share -> object.put("zeroShot", share));
        measured.concepts().map(ConceptAccuracyView::fields).ifPresent(object::putAll);
        object.put("imagesPerSecond", size / seconds);
        object.put("skipped", ReadItems.named(measured.images().report().skipped()));
        return object;
    }
}
