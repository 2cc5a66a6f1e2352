package dev.lapidary.concept.explain;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.calibration.Temperature;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.SearchScorer;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.concept.classifier.Sparsity;
import dev.lapidary.concept.explain.Explanation.ClassScore;
import dev.lapidary.concept.explain.Explanation.Contribution;
import dev.lapidary.concept.explain.Explanation.Missing;
import dev.lapidary.concept.explain.Explanation.Reading;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Explains a classifier: single decisions, classes, and what it leans on as a whole.
 *
 * <p>Everything is read off the map from named concept scores to logits, in float64, so that contributions and bias sum to the logit.
 * Immutable; holds no native memory.
 */
public final class Explainer {
    private static final int BLOCK = 1024; // items whose scores are held at once

    private final ClassScorer scorer;
    private final NameIndex names;
    private final @Nullable ScoreRange range; // absent where scores are not standardised
    private final @Nullable Calibration calibration;
    private final @Nullable SeenItems seen;

    private Explainer(
            ClassScorer scorer,
            NameIndex names,
            @Nullable ScoreRange range,
            @Nullable Calibration calibration,
            @Nullable SeenItems seen) {
        this.scorer = scorer;
        this.names = names;
        this.range = range;
        this.calibration = calibration;
        this.seen = seen;
    }

    /**
     * Explains the decisions of {@link ConceptClassifier#scorer}, with calibrated probabilities where there is a calibration, and with the
     * distance to the training items where these are remembered.
     */
    public static Explainer of(ConceptClassifier classifier) {
        Explainer plain = of(
                classifier.scorer(), classifier.classes(), classifier.concepts().names());
        SeenItems seen = classifier.seenItems().orElse(null);
        ScoreRange range = plain.range == null || seen == null || !seen.hasRange()
                ? plain.range
                : ScoreRange.seen(classifier.concepts().size(), seen);
        return new Explainer(
                plain.scorer, plain.names, range, classifier.calibration().orElse(null), seen);
    }

    /**
     * Explains a scorer.
     *
     * @param classes names [K] in the order of logits
     * @param concepts names [M] in the order of scores
     */
    public static Explainer of(ClassScorer scorer, List<String> classes, List<String> concepts) {
        if (classes.size() != scorer.classes()) {
            throw new IllegalArgumentException(
                    "names must be as many as classes, " + scorer.classes() + "; got " + classes.size());
        }
        if (conceptsOf(scorer) != concepts.size()) {
            throw new IllegalArgumentException(
                    "names must be as many as concepts, " + conceptsOf(scorer) + "; got " + concepts.size());
        }
        boolean standardised = scorer instanceof ConceptScorer c && !published(c);
        return new Explainer(
                scorer,
                new NameIndex(classes, concepts),
                standardised ? ScoreRange.standardised(concepts.size()) : null,
                null,
                null);
    }

    private static int conceptsOf(ClassScorer scorer) {
        return switch (scorer) {
            case ConceptScorer c -> c.map().concepts();
            case SearchScorer s -> s.search().concepts();
        };
    }

    /** Whether scores are 100·cosine, neither centred nor scaled. */
    private static boolean published(ConceptScorer scorer) {
        return IntStream.range(0, scorer.map().concepts())
                .allMatch(m -> scorer.standardise(m, 0) == 0 && scorer.standardise(m, 1) == 100);
    }

    /**
     * The same, with the mean and deviation of every score taken from items [n, d], at least two. A model in its published form needs
     * it to say what is missing and what would flip a decision, because its scores are not standardised.
     */
    public Explainer withRangeOf(EmbeddingMatrix items) {
        if (items.rows() < 2) {
            throw new InputException("a range of scores must come from at least 2 items; got " + items.rows());
        }
        ScoreRange ofItems = scorer instanceof ConceptScorer c ? ScoreRange.of(c, items) : null;
        return new Explainer(scorer, names, ofItems, calibration, seen);
    }

    /** Explains the decision for an embedding [d]; what is missing is about the predicted class. */
    public Explanation explain(float[] embedding) {
        return explain(embedding, null);
    }

    /**
     * Explains the decision for an embedding [d], and what it misses for a class, such as the one that was expected.
     *
     * @param wanted a class, or null for the predicted one
     * @throws InputException naming the nearest class where there is none of that name
     */
    public Explanation explain(float[] embedding, @Nullable String wanted) {
        int about = wanted == null ? -1 : names.classIndex(wanted);
        return switch (scorer) {
            case ConceptScorer c -> explain(c, embedding, about);
            case SearchScorer s -> explain(s, embedding, about);
        };
    }

    private Explanation explain(ConceptScorer c, float[] embedding, int wanted) {
        double[] cosines = c.cosines(embedding);
        Decision decision = Decision.of(c, c.scores(embedding));
        int predicted = decision.predicted();
        int about = wanted < 0 ? predicted : wanted;
        double[] shares = Temperature.softmax(decision.logits());
        List<ClassScore> classes = new ArrayList<>();
        for (int k = 0; k < names.classes().size(); k++) {
            classes.add(new ClassScore(
                    names.className(k),
                    decision.logits()[k],
                    shares[k],
                    calibrated(decision.logits(), k),
                    c.map().bias(k),
                    contributions(decision, k)));
        }
        List<Reading> readings = new ArrayList<>();
        for (int m = 0; m < cosines.length; m++) {
            double score = decision.scores()[m];
            readings.add(new Reading(names.concept(m), cosines[m], score, gate(c, m, score)));
        }
        return new Explanation(
                names.className(predicted),
                seen == null ? null : seen.familiarity(embedding),
                sorted(classes),
                readings,
                unit(c),
                names.className(about),
                missing(decision, about),
                counterfactual(decision));
    }

    private @Nullable Double calibrated(double[] scores, int k) {
        return calibration == null ? null : (Double) calibration.probabilities(scores)[k];
    }

    private static @Nullable Double gate(ConceptScorer scorer, int concept, double score) {
        return scorer.gated() ? (Double) scorer.gate(concept, score) : null;
    }

    private Explanation explain(SearchScorer s, float[] embedding, int wanted) {
        int predicted;
        try (EmbeddingMatrix one = EmbeddingMatrix.of(new float[][] {embedding})) {
            predicted = s.predict(one, null)[0];
        }
        double[] scores = s.search().scores(embedding, s.variant());
        List<ClassScore> classes = new ArrayList<>();
        for (int k = 0; k < scores.length; k++) {
            double[] parts = s.search().contributions(embedding, k, s.variant());
            classes.add(new ClassScore(
                    names.className(k), scores[k], null, calibrated(scores, k), 0, contributions(parts)));
        }
        return new Explanation(
                names.className(predicted),
                seen == null ? null : seen.familiarity(embedding),
                sorted(classes),
                names.concepts().stream()
                        .map(name -> new Reading(name, null, null, null))
                        .toList(),
                null,
                names.className(wanted < 0 ? predicted : wanted),
                List.of(),
                null);
    }

    private static List<ClassScore> sorted(List<ClassScore> classes) {
        return classes.stream()
                .sorted(Comparator.comparingDouble(ClassScore::logit).reversed())
                .toList();
    }

    /**
     * Returns what each concept adds to the logit of a class for an embedding [d], largest magnitude first, without zeros. With the bias
     * they sum to the logit. Costs less than a whole explanation.
     */
    public List<Contribution> contributions(float[] embedding, String className) {
        int k = names.classIndex(className);
        return switch (scorer) {
            case ConceptScorer c -> contributions(Decision.of(c, c.scores(embedding)), k);
            case SearchScorer s -> contributions(s.search().contributions(embedding, k, s.variant()));
        };
    }

    /** Of a search: no scores and weights of their own. */
    private List<Contribution> contributions(double[] parts) {
        return largestFirst(IntStream.range(0, parts.length)
                .filter(m -> parts[m] != 0)
                .mapToObj(m -> new Contribution(names.concept(m), parts[m], null, null, null)));
    }

    private List<Contribution> contributions(Decision decision, int k) {
        double[] parts = decision.contributions(k);
        NamedMap map = decision.scorer().map();
        return largestFirst(IntStream.range(0, parts.length)
                .filter(m -> parts[m] != 0)
                .mapToObj(m -> {
                    double score = decision.scores()[m];
                    Presence presence = range == null ? null : Presence.of(score, range.mean(m));
                    return new Contribution(names.concept(m), parts[m], score, map.weight(k, m), presence);
                }));
    }

    private static List<Contribution> largestFirst(Stream<Contribution> parts) {
        return parts.sorted(Comparator.comparingDouble((Contribution c) -> -Math.abs(c.value())))
                .toList();
    }

    private static String unit(ConceptScorer scorer) {
        return published(scorer) ? ScoreRange.PUBLISHED : ScoreRange.STANDARDISED;
    }

    private List<Missing> missing(Decision decision, int classIndex) {
        if (range == null) {
            return List.of();
        }
        ConceptScorer c = decision.scorer();
        List<Missing> missing = new ArrayList<>();
        for (int m = 0; m < c.map().concepts(); m++) {
            double score = decision.scores()[m];
            double weight = c.map().weight(classIndex, m);
            double high = range.typicalHigh(m);
            double gain = weight * (c.passed(m, high) - decision.passed()[m]);
            if (c.map().uses(m) && score < range.mean(m) && gain > 0) {
                missing.add(new Missing(names.concept(m), weight, score, high, gain));
            }
        }
        missing.sort(Comparator.comparingDouble(Missing::gain).reversed());
        return missing;
    }

    private Counterfactual counterfactual(Decision decision) {
        if (range == null) {
            return Counterfactual.none(
                    names.className(decision.predicted()),
                    "the published form does not standardise scores, so that their ordinary range is not known");
        }
        return new CounterfactualSearch(decision.scorer(), range, names).find(decision);
    }

    /** What each class looks for, in class order. */
    public List<ClassProfile> profiles() {
        return names.classes().stream().map(this::profile).toList();
    }

    /** What a class looks for. */
    public ClassProfile profile(String className) {
        int k = names.classIndex(className);
        NamedMap map = requireMap("a class has no weights of its own").map();
        List<ClassProfile.Weight> speakFor = new ArrayList<>();
        List<ClassProfile.Weight> speakAgainst = new ArrayList<>();
        for (int m = 0; m < map.concepts(); m++) {
            double w = map.weight(k, m);
            if (Math.abs(w) > NamedMap.ABSENT) {
                (w > 0 ? speakFor : speakAgainst).add(new ClassProfile.Weight(names.concept(m), w));
            }
        }
        speakFor.sort(Comparator.comparingDouble(ClassProfile.Weight::weight).reversed());
        speakAgainst.sort(Comparator.comparingDouble(ClassProfile.Weight::weight));
        return new ClassProfile(className, map.bias(k), speakFor, speakAgainst);
    }

    /** What the classifier leans on over items [n, d], at least one. */
    public GlobalSummary summary(EmbeddingMatrix items) {
        if (items.rows() == 0) {
            throw new InputException("a summary must be over at least 1 item; got 0");
        }
        ConceptScorer c = requireMap("there is no summary of weights");
        NamedMap map = c.map();
        double[] absolute = new double[map.concepts()];
        double ncc90 = 0;
        double ncc95 = 0;
        for (int from = 0; from < items.rows(); from += BLOCK) {
            double[][] passed = new double[Math.min(BLOCK, items.rows() - from)][];
            for (int i = 0; i < passed.length; i++) {
                passed[i] = c.passed(c.scores(items.row(from + i)));
                for (int m = 0; m < absolute.length; m++) {
                    absolute[m] += Math.abs(passed[i][m]) / items.rows();
                }
            }
            double share = (double) passed.length / items.rows();
            ncc90 += share * Sparsity.contributingConcepts(map, passed, 0.9);
            ncc95 += share * Sparsity.contributingConcepts(map, passed, 0.95);
        }
        List<GlobalSummary.Importance> importance = importance(map, absolute);
        int unused = map.concepts() - importance.size();
        return new GlobalSummary(items.rows(), map.concepts(), unused, map.nec(), ncc90, ncc95, importance);
    }

    private List<GlobalSummary.Importance> importance(NamedMap map, double[] meanAbsolutePassed) {
        return IntStream.range(0, map.concepts())
                .filter(map::uses)
                .mapToObj(m -> {
                    double weights = IntStream.range(0, map.classes())
                            .mapToDouble(k -> Math.abs(map.weight(k, m)))
                            .average()
                            .orElseThrow();
                    return new GlobalSummary.Importance(names.concept(m), weights * meanAbsolutePassed[m]);
                })
                .sorted(Comparator.comparingDouble(GlobalSummary.Importance::meanAbsoluteContribution)
                        .reversed())
                .toList();
    }

    private ConceptScorer requireMap(String why) {
        if (scorer instanceof ConceptScorer c) {
            return c;
        }
        throw new InputException("the method must learn weights; got search, which trains nothing: " + why);
    }
}
