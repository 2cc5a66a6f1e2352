package dev.lapidary.app.command;

import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.explain.Prediction;
import dev.lapidary.concept.explain.Predictor;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says the class of items, and which concepts made it. */
@Command(
        name = "predict",
        sortOptions = false,
        description = {
            "Says the class of each item.",
            "A line has id, class and probability (softmax of the logits, not calibrated), the concepts that matter most, and the "
                    + "calibrated probability, each with its name, separated by tabs.",
            PredictCommand.KEY,
            "With --error-rate 0.1 also the set of classes that the item may belong to: for at most 10 %% of items on average the set "
                    + "lacks the true class. This holds for items like those that the model was calibrated on, over all items "
                    + "together; not for each class, not among the answered items alone, and not when the items change. Where "
                    + "the set is not one class, or the item is far from those of the training, the model abstains.",
            "An item far from those of the training is marked: its mean cosine distance to the 5 nearest training items is larger than "
                    + "that of 95 %% of the training items to theirs. The class and the probabilities then say little. About 1 in 20 "
                    + "items like those of the training is marked too.",
            "JSON: predictions (id, class, probability, concepts (name, contribution, score, weight, presence), calibratedProbability; with --error-rate set, "
                    + "abstain; distance, distanceQuantile, far), farKnown (false, and none of the three, where the model does not remember its training items), count, seconds; trainingItems, how many of --data the model was trained on; errorRate and abstained with it; decides (seed, accuracy) and, of an edited model, edits; with --out file and warnings instead of predictions; skipped "
                    + "with --images. CSV has the same columns; models without a calibration give no calibratedProbability.",
            "CSV holds ids and class names as they are. One that begins with =, +, - or @ can run as a formula in a spreadsheet; the command "
                    + "warns of it. Open such a file by the spreadsheet's import of text."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts predict --model model --input \"Profits rose by a tenth\"",
            "  lapidary concepts predict --model model --data later-news.csv --out predictions.csv",
            "  lapidary concepts predict --model model --data later-news.csv --error-rate 0.1 --out predictions.csv",
            "  lapidary concepts predict --model model --images new-photos --encoder clip-vit-base-patch32",
        })
final class PredictCommand implements Callable<Integer> {
    static final String KEY =
            "Concepts stand in groups: found, speaks for; found, speaks against; not found, which speaks for; not found, which speaks "
                    + "against. Score: how near the item is to the concept in meaning, in standard deviations from the training mean. Found means a score above 0; an item that denies a concept is near to it too. Contribution: weight "
                    + "times score, what the concept adds to the logit of the class.";

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(names = "--input", paramLabel = "TEXT", description = "One text instead of --data.")
    private @Nullable String input;

    @Option(names = "--image", paramLabel = "FILE", description = "One image instead of --images.")
    private @Nullable Path image;

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--top",
            paramLabel = "N",
            description = "How many concepts to show for each item, those with the largest contributions. Default: 3.")
    private int top = 3;

    @Mixin
    private ErrorRateOption errorRate = new ErrorRateOption();

    @Option(names = "--out", paramLabel = "FILE", description = "Write the predictions to this CSV file instead.")
    private @Nullable Path out;

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    PredictCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        long begin = System.nanoTime();
        if (Stream.of(input != null, image != null, data.given())
                        .filter(given -> given)
                        .count()
                != 1) {
            throw new InputException(
                    "items must be given by one of --data PATH, --images PATH, --input TEXT and --image FILE;" + " got "
                            + (input == null && image == null && !data.given() ? "none" : "several"));
        }
        if (input != null) {
            ItemOptions.requireText(input);
        }
        if (top < 0) {
            throw new InputException("--top must be at least 0; got " + top);
        }
        errorRate.requireSound();
        if (out != null) {
            OutputFolder.requireFile(out, inputs());
            overwrite.require(out);
        }
        ConceptClassifier classifier = ConceptClassifier.read(model);
        Optional<ConformalSets> sets = errorRate.sets(classifier, model, output);
        Predictor plain = Predictor.of(classifier).withConcepts(top);
        Predictor predictor =
                sets.map(asked -> plain.withErrorRate(asked.errorRate())).orElse(plain);
        Map<String, Object> more = new LinkedHashMap<>(ModelView.fields(classifier));
        List<Prediction> predictions = predict(classifier, predictor, more);
        sets.ifPresent(asked -> {
            more.put("errorRate", asked.errorRate());
            more.put("abstained", abstained(predictions));
        });
        if (!classifier.edits().isEmpty()) {
            output.remark(ModelView.edits(classifier).strip());
        }
        output.remark(ModelView.seed(classifier));
        if (!ModelView.forgets(classifier).isEmpty()) {
            output.remark(ModelView.forgets(classifier));
        }
        if (top > 0) {
            output.remark(key(classifier));
        }
        if (out != null) {
            write(out, predictor.csvHead(), predictions);
            List<String> warnings = formulas(predictions);
            output.warnings(warnings);
            more.put("warnings", warnings);
        }
        return output.result(() -> text(predictions), () -> json(predictions, Durations.since(begin), more));
    }

    /** What the words mean; a model without weights, or in its published form, does not know what is found. */
    private static String key(ConceptClassifier classifier) {
        if (classifier.scorer() instanceof ConceptScorer) {
            return classifier.identity().config().faithful()
                    ? "Score: 100 times the cosine, as published; whether a concept is found is not known. Contribution: weight times "
                            + "score, what the concept adds to the logit of the class."
                    : KEY;
        }
        return "Contribution: what the concept adds to the score of the class; whether it is found is not known.";
    }

    private static String farText(List<Prediction> predictions) {
        long far = predictions.stream().filter(Prediction::farFromTraining).count();
        return far == 0 ? "" : ", " + far + " of them far from the training items";
    }

    private static long abstained(List<Prediction> predictions) {
        return predictions.stream().filter(Prediction::abstains).count();
    }

    private List<Prediction> predict(ConceptClassifier classifier, Predictor predictor, Map<String, Object> more) {
        if (input != null) {
            return predictText(classifier, input, predictor);
        }
        return image != null ? predictImage(classifier, image, predictor) : predictData(classifier, predictor, more);
    }

    private Path[] inputs() {
        return Stream.concat(Stream.of(data.files()), Stream.of(model, image))
                .filter(Objects::nonNull)
                .toArray(Path[]::new);
    }

    private List<Prediction> predictImage(ConceptClassifier classifier, Path file, Predictor predictor) {
        try (ImageTextEncoder opened = encoder.of(classifier).open();
                ImageItems one = ImageItems.ofFile(file);
                EncodedImages encoded = opened.encode(one, output.progress())) {
            return predictor.predict(
                    encoded.embeddings(), List.of(encoded.items().getFirst().name()));
        }
    }

    private List<Prediction> predictText(ConceptClassifier classifier, String text, Predictor predictor) {
        try (ModelItems items = ModelItems.of(classifier, List.of(text), encoder, output.progress())) {
            output.warnings(items.warnings());
            return predictor.predict(items.matrix(), List.of("input"));
        }
    }

    private List<Prediction> predictData(ConceptClassifier classifier, Predictor predictor, Map<String, Object> more) {
        try (ReadItems read = ReadItems.toPredict(classifier, data, encoder, output);
                ModelItems items = ModelItems.of(classifier, read.data(), encoder, output.progress())) {
            output.warnings(items.warnings());
            more.putAll(read.fields());
            int known = classifier.trainingRows(read.data()).length;
            more.put("trainingItems", known);
            if (known > 0) {
                output.warnings(
                        List.of(
                                known + " of " + read.data().size()
                                        + " items are ones that the model learned from or chose its settings on: it does better on them than on new ones"));
            }
            List<String> ids = IntStream.range(0, read.data().size())
                    .mapToObj(read.data()::id)
                    .toList();
            return predictor.predict(items.matrix(), ids);
        }
    }

    private static void write(Path file, String header, List<Prediction> predictions) throws IOException {
        AtomicFiles.write(file, temporary -> {
            try (Writer writer = Files.newBufferedWriter(temporary)) {
                writer.write(header);
                for (Prediction prediction : predictions) {
                    writer.write(prediction.csv());
                }
            }
        });
    }

    /** Warns of cells that a spreadsheet may run. */
    private static List<String> formulas(List<Prediction> predictions) {
        List<String> cells = predictions.stream()
                .map(Prediction::formulas)
                .filter(found -> !found.isEmpty())
                .map(List::getFirst)
                .toList();
        return cells.isEmpty()
                ? List.of()
                : List.of(cells.size() + " of " + ReportView.count(predictions.size(), "line")
                        + " in the CSV file have a cell that begins with =, +, - or @, the first \"" + cells.getFirst()
                        + "\": a spreadsheet may run it as a formula; import the file as text");
    }

    private String text(List<Prediction> predictions) {
        if (out != null) {
            return ReportView.count(predictions.size(), "prediction") + " written to " + out
                    + (errorRate.given() ? ", " + abstained(predictions) + " of them abstain" : "")
                    + farText(predictions) + "\n";
        }
        return predictions.stream().map(Prediction::text).collect(Collectors.joining());
    }

    private Map<String, Object> json(List<Prediction> predictions, double seconds, Map<String, Object> more) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (out == null) {
            object.put("predictions", predictions);
        } else {
            object.put("file", out.toAbsolutePath().normalize().toString());
        }
        object.put("count", predictions.size());
        object.put("seconds", seconds);
        object.putAll(more);
        return object;
    }
}
