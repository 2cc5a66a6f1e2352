package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ClassifierArtifact;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.explain.ChangeList;
import dev.lapidary.concept.explain.Intervention;
import dev.lapidary.concept.explain.Interventions;
import dev.lapidary.concept.explain.ItemChange;
import dev.lapidary.data.Dataset;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes concepts or weights by hand and shows which predictions change. */
@Command(
        name = "intervene",
        sortOptions = false,
        description = {
            "Changes concepts or weights by hand, for one item or for all, and shows what that does to predictions.",
            "JSON: interventions, item (id, before, after, logits), changes (items, labelled, accuracyBefore, accuracyAfter, "
                    + "changes (id, before, after, label)), notes (what had no effect, which values lie outside those of the training items, and whether the items are those of the training), folder; each where it was asked for; skipped with --images."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts intervene --model model --input \"Profits rose\" --set \"stock market=2\"",
            "  lapidary concepts intervene --model model --drop \"day of the week\" --data news.csv",
            "  lapidary concepts intervene --model model --edit \"sport:final score=0.5\" --data news.csv --save edited",
        })
final class InterveneCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description =
                    "Give a concept's score this value, in standard deviations above the training mean; a value outside those of the training items is noted. Repeatable.")
    private List<String> set = List.of();

    @Option(names = "--drop", paramLabel = "NAME", description = "Remove a concept for all classes. Repeatable.")
    private List<String> drop = List.of();

    @Option(
            names = "--edit",
            paramLabel = "CLASS:NAME=WEIGHT",
            description = "Give a concept another weight for one class. Repeatable.")
    private List<String> edit = List.of();

    @Mixin
    private ItemOptions item = new ItemOptions();

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Save the classifier with its drops and edits in this folder.")
    private @Nullable Path save;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    private final List<String> notes = new ArrayList<>();

    InterveneCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        requireSound();
        ConceptClassifier classifier = ConceptClassifier.read(model);
        Interventions done = Interventions.on(classifier).applyAll(wanted(classifier.classes()));
        Optional<ItemOptions.Item> one = item.given() ? Optional.of(item.read(classifier, output)) : Optional.empty();
        Optional<ItemChange> change = one.map(i -> done.change(i.embedding()));
        Map<String, Object> more = new LinkedHashMap<>();
        Optional<ChangeList> changes =
                item.data().given() ? Optional.of(changes(classifier, done, more)) : Optional.empty();
        notes.addAll(done.notes());
        output.warnings(notes);
        output.remark(ModelView.seed(classifier));
        if (save != null) {
            save(classifier, done, save);
        }
        return output.result(
                () -> change.map(ItemChange::text).orElse("")
                        + changes.map(ChangeList::text).orElse("")
                        + (save == null ? "" : "saved in " + save + "\n"),
                () -> {
                    Map<String, Object> object = json(done, one, change, changes);
                    object.putAll(more);
                    return object;
                });
    }

    private void requireSound() {
        item.requireSound();
        if (set.isEmpty() && drop.isEmpty() && edit.isEmpty()) {
            throw new InputException("there must be something to change: --set, --drop or --edit; got none");
        }
        if (!item.given() && !item.data().given() && save == null) {
            throw new InputException(
                    "there must be something to look at or to write: --input, --image, --data, --images or --save; got none");
        }
        if (save != null) {
            if (drop.isEmpty() && edit.isEmpty()) {
                throw new InputException(
                        "--save must come with --drop or --edit, since values set belong to items; got only --set");
            }
            OutputFolder.require(save, new ClassifierArtifact(), model);
            overwrite.require(save);
        }
    }

    private List<Intervention> wanted(List<String> classes) {
        List<Intervention> wanted = new ArrayList<>();
        drop.forEach(name -> wanted.add(new Intervention.DropConcept(name)));
        edit.forEach(text -> wanted.add(Intervention.parseEdit(text, classes)));
        set.forEach(text -> wanted.add(Intervention.parseSet(text)));
        return wanted;
    }

    private ChangeList changes(ConceptClassifier classifier, Interventions done, Map<String, Object> more) {
        try (ReadItems read = read(classifier)) {
            Dataset data = read.data();
            more.putAll(read.fields());
            try (ModelItems items = ModelItems.of(classifier, data, item.encoder(), output.progress())) {
                output.warnings(items.warnings());
                classifier.overlap(data, items.matrix()).warning().ifPresent(notes::add);
                int n = data.size();
                int[] labels =
                        data.labelled() ? IntStream.range(0, n).map(data::label).toArray() : null;
                return done.changes(
                        items.matrix(), IntStream.range(0, n).mapToObj(data::id).toList(), labels);
            }
        }
    }

    /** Labels are a help here, not a must: where they cannot be read and nobody asked for them, the items come without. */
    private ReadItems read(ConceptClassifier classifier) {
        try {
            return ReadItems.toJudge(classifier, item.data(), item.encoder(), output)
                    .relabel(classifier.classes());
        } catch (InputException unlabelled) {
            if (item.data().namesLabels()) {
                throw unlabelled;
            }
            return ReadItems.toPredict(classifier, item.data(), item.encoder(), output);
        }
    }

    private void save(ConceptClassifier classifier, Interventions done, Path folder) {
        List<String> edits = done.log().stream()
                .filter(i -> !(i instanceof Intervention.SetConcept))
                .map(InterveneCommand::said)
                .toList();
        classifier.withScorer(done.scorer()).withEdits(edits).save(folder);
        if (classifier.calibration().isPresent()) {
            output.remark(
                    "the edited classifier has no calibration, which was of the one before: lapidary concepts calibrate --model "
                            + folder + " adds one");
        }
        if (!set.isEmpty()) {
            output.remark("values set belong to items and are not saved");
        }
    }

    private static String said(Intervention intervention) {
        return switch (intervention) {
            case Intervention.DropConcept(String concept) -> "dropped \"" + concept + "\"";
            case Intervention.EditWeight(String className, String concept, double weight) ->
                "weight of \"" + concept + "\" for \"" + className + "\" set to " + weight;
            case Intervention.SetConcept(String concept, double value) -> "\"" + concept + "\" set to " + value;
        };
    }

    private Map<String, Object> json(
            Interventions done,
            Optional<ItemOptions.Item> one,
            Optional<ItemChange> change,
            Optional<ChangeList> changes) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(
                "interventions",
                done.log().stream()
                        .map(i -> JsonLine.tree(Intervention.class, i))
                        .toList());
        change.ifPresent(c -> {
            var item = JsonLine.object(c);
            item.put("id", one.orElseThrow().id());
            object.put("item", item);
        });
        changes.ifPresent(c -> object.put("changes", c));
        object.put("notes", notes);
        if (save != null) {
            object.put("folder", save.toAbsolutePath().normalize().toString());
        }
        return object;
    }
}
