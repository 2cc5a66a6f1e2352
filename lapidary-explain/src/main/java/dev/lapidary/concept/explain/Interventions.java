package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.concept.explain.Intervention.DropConcept;
import dev.lapidary.concept.explain.Intervention.EditWeight;
import dev.lapidary.concept.explain.Intervention.SetConcept;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Interventions on a classifier, in order, and what they change.
 *
 * <p>Immutable: every change gives a new instance and the first scorer is never touched, so {@link #undo} restores every bit.
 */
public final class Interventions {
    /** What a person who edits a decision wants it to win by, in units of the logit (Label-free CBM's notebook leaves it open). */
    public static final double DEFAULT_MARGIN = 0.2;

    private final ConceptScorer first;
    private final NameIndex names;
    private final @Nullable SeenItems seen;
    private final NamedMap map; // after drops and edits
    private final SequencedMap<Integer, Double> set; // concept to its value
    private final List<Intervention> log;
    private final @Nullable Interventions before;

    private Interventions(
            ConceptScorer first,
            NameIndex names,
            @Nullable SeenItems seen,
            NamedMap map,
            SequencedMap<Integer, Double> set,
            List<Intervention> log,
            @Nullable Interventions before) {
        this.first = first;
        this.names = names;
        this.seen = seen;
        this.map = map;
        this.set = set;
        this.log = List.copyOf(log);
        this.before = before;
    }

    /**
     * Begins with no intervention on {@link ConceptClassifier#scorer}.
     *
     * @throws InputException where the method is search, which has no weights to intervene on
     */
    public static Interventions on(ConceptClassifier classifier) {
        return on(
                classifier.scorer(),
                classifier.classes(),
                classifier.concepts().names(),
                classifier.seenItems().filter(SeenItems::hasRange).orElse(null));
    }

    /** Begins with no intervention on a scorer with its class names [K] and concept names [M]. */
    public static Interventions on(ClassScorer scorer, List<String> classes, List<String> concepts) {
        return on(scorer, classes, concepts, null);
    }

    private static Interventions on(
            ClassScorer scorer, List<String> classes, List<String> concepts, @Nullable SeenItems seen) {
        if (!(scorer instanceof ConceptScorer c)) {
            throw new InputException(
                    "interventions must be on a method that learns weights; got search, which trains nothing");
        }
        return new Interventions(
                c, new NameIndex(classes, concepts), seen, c.map(), new LinkedHashMap<>(), List.of(), null);
    }

    /**
     * Adds an intervention.
     *
     * @throws InputException naming the nearest concept or class where there is none of that name
     */
    public Interventions apply(Intervention intervention) {
        NamedMap changed = map;
        SequencedMap<Integer, Double> values = set;
        switch (intervention) {
            case SetConcept(String concept, double value) -> {
                values = new LinkedHashMap<>(set);
                values.put(names.conceptIndex(concept), value);
            }
            case DropConcept(String concept) -> changed = map.without(names.conceptIndex(concept));
            case EditWeight(String className, String concept, double weight) ->
                changed = map.withWeight(names.classIndex(className), names.conceptIndex(concept), weight);
        }
        List<Intervention> longer = new ArrayList<>(log);
        longer.add(intervention);
        return new Interventions(first, names, seen, changed, values, longer, this);
    }

    /** Adds several interventions, in order. */
    public Interventions applyAll(List<? extends Intervention> interventions) {
        Interventions at = this;
        for (Intervention intervention : interventions) {
            at = at.apply(intervention);
        }
        return at;
    }

    /** Takes the last intervention back. */
    public Interventions undo() {
        if (before == null) {
            throw new InputException("there must be an intervention to take back; got none");
        }
        return before;
    }

    /** What was done, in order. */
    public List<Intervention> log() {
        return log;
    }

    /**
     * Says of which interventions nothing can come, of concepts that decide for no class and of weights that stay as they were; and which
     * values lie outside those of the training items, where these are known.
     */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        Interventions at = on(first, names.classes(), names.concepts(), seen);
        for (Intervention intervention : log) {
            at.note(intervention).ifPresent(notes::add);
            at = at.apply(intervention);
        }
        return List.copyOf(notes);
    }

    private Optional<String> note(Intervention intervention) {
        return switch (intervention) {
            case SetConcept(String concept, double value) ->
                map.uses(names.conceptIndex(concept))
                        ? outside(concept, value)
                        : Optional.of("\"" + concept + "\" decides for no class: setting its score changes nothing");
            case DropConcept(String concept) ->
                Optional.of("\"" + concept + "\" decides for no class: dropping it changes nothing")
                        .filter(note -> !map.uses(names.conceptIndex(concept)));
            case EditWeight(String className, String concept, double weight) -> {
                double was = map.weight(names.classIndex(className), names.conceptIndex(concept));
                yield Optional.of(
                                was == weight
                                        ? "\"" + concept + "\" has this weight for " + className
                                                + " already: nothing changes"
                                        : was == 0
                                                ? "\"" + concept + "\" had no weight for " + className
                                                        + ": the edit makes a concept decide that training left out"
                                                : "")
                        .filter(note -> !note.isEmpty());
            }
        };
    }

    private Optional<String> outside(String concept, double value) {
        int m = names.conceptIndex(concept);
        if (seen == null || value >= seen.low(m) && value <= seen.high(m)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "\"%s\" is set to %.4g, but scores of the training items lie between %.2f and %.2f: what the model says "
                        + "there was not learned",
                concept,
                value,
                seen.low(m),
                seen.high(m)));
    }

    /** The scorer with its drops and edits, to be kept; values set belong to items and are not part of it. */
    public ConceptScorer scorer() {
        return map == first.map() ? first : first.withMap(map);
    }

    /** The scorer that also sees the set values in every item: a set concept's contribution is then part of the bias. */
    private ConceptScorer effective() {
        if (set.isEmpty()) {
            return scorer();
        }
        double[][] weights = map.weights();
        double[] bias = map.bias();
        for (Map.Entry<Integer, Double> entry : set.entrySet()) {
            int m = entry.getKey();
            double passed = map.uses(m) ? first.passed(m, entry.getValue()) : 0;
            for (int k = 0; k < bias.length; k++) {
                bias[k] += weights[k][m] * passed;
                weights[k][m] = 0;
            }
        }
        return first.withMap(new NamedMap(weights, bias));
    }

    private Decision decide(float[] embedding) {
        double[] scores = first.scores(embedding);
        set.forEach((m, value) -> scores[m] = value);
        return Decision.of(scorer(), scores);
    }

    /** What the interventions change for an embedding [d]. */
    public ItemChange change(float[] embedding) {
        Decision was = Decision.of(first, first.scores(embedding));
        Decision is = decide(embedding);
        List<ItemChange.ClassLogit> logits = new ArrayList<>();
        for (int k = 0; k < was.logits().length; k++) {
            logits.add(new ItemChange.ClassLogit(names.className(k), was.logits()[k], is.logits()[k]));
        }
        return new ItemChange(names.className(was.predicted()), names.className(is.predicted()), logits);
    }

    /**
     * Lists the items whose prediction the interventions change.
     *
     * @param items [n, d]
     * @param ids [n]
     * @param labels indices of classes [n], -1 where there is none; or null where there are none at all
     */
    public ChangeList changes(EmbeddingMatrix items, List<String> ids, int @Nullable [] labels) {
        if (ids.size() != items.rows() || (labels != null && labels.length != items.rows())) {
            throw new IllegalArgumentException("ids and labels must be as many as items, " + items.rows() + "; got "
                    + ids.size() + " and " + (labels == null ? "none" : labels.length));
        }
        int[] was = first.predict(items, null);
        int[] is = effective().predict(items, null);
        List<ChangeList.Change> changes = new ArrayList<>();
        int labelled = 0;
        int rightBefore = 0;
        int rightAfter = 0;
        for (int i = 0; i < was.length; i++) {
            int label = labels == null ? -1 : labels[i];
            if (label >= 0) {
                labelled++;
                rightBefore += was[i] == label ? 1 : 0;
                rightAfter += is[i] == label ? 1 : 0;
            }
            if (was[i] != is[i]) {
                String truth = label < 0 ? null : names.className(label);
                changes.add(new ChangeList.Change(ids.get(i), names.className(was[i]), names.className(is[i]), truth));
            }
        }
        return new ChangeList(
                was.length,
                labelled,
                labelled == 0 ? null : (Double) ((double) rightBefore / labelled),
                labelled == 0 ? null : (Double) ((double) rightAfter / labelled),
                changes);
    }

    /**
     * Proposes two edits that make a class beat the predicted one by a margin for an item, through one concept: its weight for the class
     * grows by Δw and that for the predicted class shrinks by Δw, Δw = (z_predicted − z_class + margin)/(2 c), where c is what of the
     * concept's score reaches the map. A third class may still win; {@link #change} tells.
     *
     * @throws InputException where the class is predicted already or the concept's score does not reach the map
     * @see <a href="https://arxiv.org/abs/2304.06129">Oikarinen et al., Label-free concept bottleneck models, ICLR 2023</a>
     */
    public List<EditWeight> suggestEdit(float[] embedding, String className, String concept, double margin) {
        int wanted = names.classIndex(className);
        int m = names.conceptIndex(concept);
        Decision now = decide(embedding);
        int predicted = now.predicted();
        if (wanted == predicted) {
            throw new InputException("the class must not be predicted already; got " + className);
        }
        double reaches = now.passed()[m];
        if (Math.abs(reaches) < 1e-9) {
            throw new InputException(
                    "the concept must reach the map for this item; got \"" + concept + "\" at " + reaches);
        }
        if (!(margin >= 0) || Double.isInfinite(margin)) {
            throw new InputException("margin must be 0 or more; got " + margin);
        }
        double step = (now.logits()[predicted] - now.logits()[wanted] + margin) / (2 * reaches);
        return List.of(
                new EditWeight(className, concept, map.weight(wanted, m) + step),
                new EditWeight(names.className(predicted), concept, map.weight(predicted, m) - step));
    }
}
