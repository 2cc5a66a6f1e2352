package dev.lapidary.app.command;

import dev.lapidary.concept.audit.AuditItems;
import dev.lapidary.concept.audit.LeakageAudit;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.calibration.PredictionSet;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.Familiarity;
import dev.lapidary.concept.classifier.TrainingOverlap;
import dev.lapidary.concept.explain.ClassProfile;
import dev.lapidary.concept.explain.Explainer;
import dev.lapidary.concept.explain.Explanation;
import dev.lapidary.concept.explain.GlobalSummary;
import dev.lapidary.concept.explain.Prediction;
import dev.lapidary.concept.explain.Predictor;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Explains a decision, a class, the whole classifier, or whether its concepts leak. */
@Command(
        name = "explain",
        sortOptions = false,
        description = {
            "Explains a decision: which concepts the item is near to in meaning and which it is not, what each of them adds to the decision or takes "
                    + "from it, and the smallest change that flips it. With --class also why it is not that class.",
            "Without an item it shows what each class looks for, and over --data what the classifier leans on as a whole.",
            "Probabilities are the softmax of the logits and, where the model has a calibration, calibrated ones beside it. With "
                    + "--error-rate it names the classes that the item may belong to, as predict does.",
            "JSON of a decision: id, text, predicted, classes (name, logit, probability, calibratedProbability, bias, contributions "
                    + "(concept, value, score, weight, presence, contribution)), concepts (name, cosine, score), scoreUnit, missingFor, missing, "
                    + "counterfactual; with --error-rate "
                    + "errorRate, set, abstain; decides (seed, accuracy) and, of an edited model, edits. Without an item: classes (name, bias, "
                    + "speakFor, speakAgainst), summary. With --audit: controls, names, residual, notes. With --images skipped too."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts explain --model model --input \"Profits rose by a tenth\"",
            "  lapidary concepts explain --model model --id 17 --data news.csv --class sport",
            "  lapidary concepts explain --model model --input \"Profits rose by a tenth\" --error-rate 0.1",
            "  lapidary concepts explain --model model --image photo.jpg --encoder clip-vit-base-patch32",
            "  lapidary concepts explain --model model --class sport",
            "  lapidary concepts explain --model model --audit --data news.csv",
        })
final class ExplainCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Mixin
    private ItemOptions item = new ItemOptions();

    @Option(
            names = "--class",
            paramLabel = "NAME",
            description = "With an item: why not this class. Without one: what this class looks for.")
    private @Nullable String className;

    @Mixin
    private ErrorRateOption errorRate = new ErrorRateOption();

    @Option(
            names = "--audit",
            description = "Audit on --data whether the classifier decides by what its concepts mean.")
    private boolean audit;

    @Mixin
    private Output output;

    ExplainCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        item.requireSound();
        if (audit && (item.given() || className != null)) {
            throw new InputException("--audit must be about the whole classifier; got an item or a class too");
        }
        if (audit) {
            item.data().requireSound();
        }
        errorRate.requireSound();
        if (errorRate.given() && !item.given()) {
            throw new InputException("--error-rate must come with an item: --input, --id or --image; got none");
        }
        ConceptClassifier classifier = ConceptClassifier.read(model);
        if (audit) {
            return audit(classifier);
        }
        return item.given() ? decision(classifier) : whole(classifier);
    }

    private int decision(ConceptClassifier classifier) {
        ItemOptions.Item one = item.read(classifier, output);
        Optional<ConformalSets> sets = errorRate.sets(classifier, model, output);
        Optional<PredictionSet> set = sets.map(s -> s.set(probabilities(classifier, one.embedding())));
        Explanation explanation = explainer(classifier).explain(one.embedding(), className);
        return output.result(
                () -> one.id() + one.text().map(text -> ": " + text).orElse("") + "\n" + ModelView.edits(classifier)
                        + explanation.text()
                        + set.map(s -> setText(s, sets.orElseThrow(), classifier, explanation.familiarity()))
                                .orElse("")
                        + "\n" + ModelView.seed(classifier) + "\n",
                () -> {
                    Map<String, Object> head = new LinkedHashMap<>();
                    head.put("id", one.id());
                    one.text().ifPresent(text -> head.put("text", text));
                    ObjectNode object = JsonLine.object(head);
                    object.setAll(JsonLine.object(explanation));
                    object.setAll(JsonLine.object(ModelView.fields(classifier)));
                    set.ifPresent(s -> object.setAll(JsonLine.object(Map.of(
                            "errorRate",
                            sets.orElseThrow().errorRate(),
                            "set",
                            s.names(classifier.classes()),
                            "abstain",
                            Predictor.abstains(s, explanation.familiarity())))));
                    return object;
                });
    }

    private static double[] probabilities(ConceptClassifier classifier, float[] embedding) {
        try (EmbeddingMatrix one = EmbeddingMatrix.of(new float[][] {embedding})) {
            return classifier
                    .calibration()
                    .orElseThrow()
                    .probabilities(classifier.scorer().logits(one, null)[0]);
        }
    }

    private static String setText(
            PredictionSet set, ConformalSets sets, ConceptClassifier classifier, @Nullable Familiarity familiarity) {
        return "at an error rate of " + ReportView.percent(sets.errorRate()) + ": "
                + Prediction.setText(set.names(classifier.classes()), familiarity != null && familiarity.far()) + "\n";
    }

    /** A model in its published form has scores of no common scale; where there are items, they give it one. */
    private Explainer explainer(ConceptClassifier classifier) {
        Explainer plain = Explainer.of(classifier);
        if (!classifier.identity().config().faithful() || !item.data().given()) {
            return plain;
        }
        try (ReadItems read = ReadItems.toPredict(classifier, item.data(), item.encoder(), output);
                ModelItems items = ModelItems.of(classifier, read.data(), item.encoder(), output.progress())) {
            output.warnings(items.warnings());
            return plain.withRangeOf(items.matrix());
        }
    }

    private int whole(ConceptClassifier classifier) {
        Explainer explainer = Explainer.of(classifier);
        List<ClassProfile> profiles = className == null ? explainer.profiles() : List.of(explainer.profile(className));
        Map<String, Object> more = new LinkedHashMap<>();
        Optional<GlobalSummary> summary =
                item.data().given() ? Optional.of(summary(classifier, more)) : Optional.empty();
        return output.result(
                () -> ModelView.edits(classifier)
                        + profiles.stream().map(ClassProfile::text).collect(Collectors.joining("\n"))
                        + summary.map(s -> "\n" + s.text())
                                .orElse(
                                        "\n--data PATH (or --images PATH) adds what the classifier leans on over items.\n")
                        + "weight: what one standard deviation of a concept's score adds to the logit of the class\n"
                        + ModelView.seed(classifier) + "\n",
                () -> {
                    Map<String, Object> object = new LinkedHashMap<>();
                    object.put("classes", profiles);
                    summary.ifPresent(s -> object.put("summary", s));
                    object.putAll(more);
                    object.putAll(ModelView.fields(classifier));
                    return object;
                });
    }

    private GlobalSummary summary(ConceptClassifier classifier, Map<String, Object> more) {
        try (ReadItems read = ReadItems.toPredict(classifier, item.data(), item.encoder(), output);
                ModelItems items = ModelItems.of(classifier, read.data(), item.encoder(), output.progress())) {
            output.warnings(items.warnings());
            more.putAll(read.fields());
            return Explainer.of(classifier).summary(items.matrix());
        }
    }

    private int audit(ConceptClassifier classifier) {
        try (ReadItems read = ReadItems.toJudge(classifier, item.data(), item.encoder(), output)
                .relabel(classifier.classes())) {
            Dataset labelled = read.data();
            try (ModelItems items = ModelItems.of(classifier, labelled, item.encoder(), output.progress())) {
                output.warnings(items.warnings());
                TrainingOverlap overlap = classifier.overlap(labelled, items.matrix());
                output.warnings(overlap.warning().stream().toList());
                int n = labelled.size();
                AuditItems audited = new AuditItems(
                        items.matrix(),
                        IntStream.range(0, n).mapToObj(labelled::id).toList(),
                        IntStream.range(0, n).map(labelled::label).toArray());
                LeakageAudit found = audit(classifier, audited, read.images());
                return output.result(found::text, () -> {
                    ObjectNode object = JsonLine.object(found);
                    object.put("trainingItems", overlap.trainingItems());
                    object.setAll(JsonLine.object(read.fields()));
                    return object;
                });
            }
        }
    }

    private LeakageAudit audit(ConceptClassifier classifier, AuditItems items, @Nullable TextEncoder images) {
        if (images != null) {
            return LeakageAudit.of(classifier, items, images);
        }
        if (!classifier.identity().encoder().known()) {
            return LeakageAudit.of(classifier, items, (float[][]) null);
        }
        try (TextEncoder opened = item.encoder().open()) {
            return LeakageAudit.of(classifier, items, opened);
        }
    }
}
