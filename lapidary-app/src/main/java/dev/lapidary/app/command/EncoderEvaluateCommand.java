package dev.lapidary.app.command;

import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.concept.explain.LabelledScores;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.train.EpochOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
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
                    + "conceptShuffled, conceptRocArea, conceptsCounted, concepts (each: name, share, balancedAccuracy, "
                    + "rocArea), imagesPerSecond, skipped."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder evaluate --encoder encoder --images cifar10-test.zip",
            "  lapidary encoder evaluate --encoder encoder --images scenes/scenes.csv --concept-labels scenes/concepts.csv",
        })
final class EncoderEvaluateCommand implements Callable<Integer> {
    private static final int SHUFFLES = 5;

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
                Measured measured = new Measured(
                        encoded, zeroShot(opened, items, encoded), labels.map(read -> concepts(opened, encoded, read)));
                return output.result(() -> text(measured), () -> json(measured, seconds));
            }
        }
    }

    private record Measured(EncodedImages images, Optional<Double> zeroShot, Optional<ConceptAccuracy> concepts) {}

    /** The share of labelled images to which their own class name is the most similar; empty where there are not two classes. */
    private Optional<Double> zeroShot(ImageTextEncoder opened, ImageItems items, EncodedImages encoded) {
        List<String> classes = items.classes();
        if (classes.size() < 2) {
            return Optional.empty();
        }
        float[][] scores = scores(opened, encoded.embeddings(), classes);
        int labelled = 0;
        int right = 0;
        for (int i = 0; i < scores.length; i++) {
            Optional<String> label = encoded.items().get(i).label();
            if (label.isPresent()) {
                labelled++;
                right += classes.get(largest(scores[i])).equals(label.get()) ? 1 : 0;
            }
        }
        return labelled == 0 ? Optional.empty() : Optional.of(right / (double) labelled);
    }

    private static int largest(float[] values) {
        int at = 0;
        for (int i = 1; i < values.length; i++) {
            at = values[i] > values[at] ? i : at;
        }
        return at;
    }

    /** Cosines of images and names in their prompts, [images, names]. */
    private float[][] scores(ImageTextEncoder opened, EmbeddingMatrix rows, List<String> names) {
        List<String> templates = prompts.isEmpty() ? opened.promptTemplates() : prompts;
        try (EncodedTexts texts = PromptEncoder.of(opened, templates).encode(names, output.progress())) {
            float[][] named = new float[names.size()][];
            for (int k = 0; k < named.length; k++) {
                named[k] = texts.embeddings().row(k);
            }
            float[][] scores = new float[rows.rows()][];
            for (int i = 0; i < scores.length; i++) {
                float[] row = rows.row(i);
                scores[i] = new float[named.length];
                for (int k = 0; k < named.length; k++) {
                    scores[i][k] = dot(row, named[k]);
                }
            }
            return scores;
        }
    }

    private static float dot(float[] a, float[] b) {
        float sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    private ConceptAccuracy concepts(ImageTextEncoder opened, EncodedImages encoded, ConceptLabels labels) {
        int size = encoded.items().size();
        if (size < 2) {
            throw new InputException("concepts must be judged on at least 2 images; got " + size);
        }
        float[][] scores = scores(opened, encoded.embeddings(), labels.names());
        byte[][] truth =
                labels.rows(encoded.items().stream().map(ImageItem::name).toList());
        int[] order = new EpochOrder(seed, size, 1).items(0);
        return ConceptAccuracy.measure(
                labels.names(),
                part(scores, truth, Arrays.copyOf(order, size / 2)),
                part(scores, truth, Arrays.copyOfRange(order, size / 2, size)),
                LongStream.range(seed, seed + SHUFFLES).toArray());
    }

    private static LabelledScores part(float[][] scores, byte[][] truth, int[] rows) {
        float[][] some = new float[rows.length][];
        byte[][] labels = new byte[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            some[i] = scores[rows[i]];
            labels[i] = truth[rows[i]];
        }
        return new LabelledScores(some, labels);
    }

    private String text(Measured measured) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%,d images%n", measured.images().items().size()));
        measured.zeroShot()
                .ifPresent(share -> text.append("zero-shot accuracy: ")
                        .append(ReportView.percent(share))
                        .append('\n'));
        measured.concepts().ifPresent(concepts -> {
            text.append(concepts.text()).append('\n');
            TextTable table = new TextTable().row("concept", "present", "balanced accuracy", "ROC area");
            concepts.concepts()
                    .forEach(one -> table.row(
                            one.name(),
                            ReportView.percent(one.share()),
                            ReportView.percent(one.balancedAccuracy()),
                            String.format(Locale.ROOT, "%.3f", one.rocArea())));
            text.append(table);
        });
        return text.toString();
    }

    private Map<String, Object> json(Measured measured, double seconds) {
        Map<String, Object> object = new LinkedHashMap<>();
        int size = measured.images().items().size();
        object.put("examples", size);
        measured.zeroShot().ifPresent(share -> object.put("zeroShot", share));
        measured.concepts().ifPresent(concepts -> {
            object.put("conceptAccuracy", concepts.balancedAccuracy());
            object.put("conceptInterval", List.of(concepts.low(), concepts.high()));
            object.put("conceptShuffled", concepts.shuffledBalancedAccuracy());
            object.put("conceptRocArea", concepts.rocArea());
            object.put("conceptsCounted", concepts.counted());
            object.put("concepts", figures(concepts));
        });
        object.put("imagesPerSecond", size / seconds);
        object.put("skipped", measured.images().report().skipped().size());
        return object;
    }

    private static List<Map<String, Object>> figures(ConceptAccuracy concepts) {
        List<Map<String, Object>> figures = new ArrayList<>();
        for (ConceptAccuracy.Figures one : concepts.concepts()) {
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("name", one.name());
            figure.put("share", one.share());
            figure.put("balancedAccuracy", one.balancedAccuracy());
            figure.put("rocArea", one.rocArea());
            figures.add(figure);
        }
        return figures;
    }
}
