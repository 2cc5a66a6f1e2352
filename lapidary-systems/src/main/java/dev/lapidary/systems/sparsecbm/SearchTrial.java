package dev.lapidary.systems.sparsecbm;

import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Concept Matrix Search on one data set, against the class whose name is nearest by the same encoder. Nothing is trained. */
record SearchTrial(ConceptData data) implements Trial<SearchTrial.Drawn> {
    private static final String METHOD = "concept-matrix-search";
    private static final String ZERO_SHOT = "zero-shot";
    private static final String CHANGED = "changedWeights";

    /** What a seed drew, and the encoder's digest before anything was classified. */
    record Drawn(ConceptProblem problem, String digest) {}

    @Override
    public String name() {
        return "search-" + data.name();
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new TreeMap<>(data.settings());
        settings.put("variant", Variant.DEFAULT.id());
        settings.put("floor", Double.toString(ConceptMatrixSearch.DEFAULT_FLOOR));
        return settings;
    }

    @Override
    public Drawn draw(long seed) {
        ConceptProblem problem = data.draw(seed);
        return new Drawn(problem, problem.encoderDigest().get());
    }

    @Override
    public List<Arm<Drawn>> arms() {
        return List.of(
                Arm.method(
                        METHOD,
                        (drawn, seed, progress) -> found(
                                drawn, drawn.problem().concepts(), Variant.DEFAULT, ConceptMatrixSearch.DEFAULT_FLOOR)),
                Arm.baseline(ZERO_SHOT, (drawn, seed, progress) -> zeroShot(drawn)),
                Arm.control(
                        "random-words",
                        (drawn, seed, progress) -> found(
                                drawn,
                                drawn.problem().randomWords(),
                                Variant.DEFAULT,
                                ConceptMatrixSearch.DEFAULT_FLOOR)),
                published("published-row-cosine", Normalisation.ROW, Rule.COSINE),
                published("published-column-cosine", Normalisation.COLUMN, Rule.COSINE),
                published("published-row-max", Normalisation.ROW, Rule.MAX));
    }

    /** A variant as published, without a floor. */
    private static Arm<Drawn> published(String name, Normalisation normalisation, Rule rule) {
        return Arm.reported(
                name,
                (drawn, seed, progress) -> found(
                        drawn,
                        drawn.problem().concepts(),
                        new Variant(normalisation, rule),
                        ConceptMatrixSearch.UNGUARDED));
    }

    private static Outcome found(Drawn drawn, float[][] concepts, Variant variant, double floor) {
        ConceptProblem problem = drawn.problem();
        try (EmbeddingMatrix rows = EmbeddingMatrix.of(concepts);
                EmbeddingMatrix classes = EmbeddingMatrix.of(problem.classes());
                EmbeddingMatrix training = EmbeddingMatrix.of(problem.train().vectors());
                EmbeddingMatrix test = EmbeddingMatrix.of(problem.test().vectors())) {
            ConceptMatrixSearch search = ConceptMatrixSearch.fit(rows, classes, training, null, floor);
            return outcome(drawn, search.classify(test, null, variant).predictions());
        }
    }

    private static Outcome zeroShot(Drawn drawn) {
        ConceptProblem problem = drawn.problem();
        int[] nearest = new int[problem.test().size()];
        for (int i = 0; i < nearest.length; i++) {
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < problem.classes().length; k++) {
                double cosine = dot(problem.test().vectors()[i], problem.classes()[k]);
                if (cosine > most) {
                    most = cosine;
                    nearest[i] = k;
                }
            }
        }
        return Outcome.of(
                BottleneckTrial.ACCURACY, accuracy(drawn, nearest)); // only what it can stand in for the search in
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * (double) b[j];
        }
        return sum;
    }

    private static Outcome outcome(Drawn drawn, int[] predicted) {
        boolean same = drawn.problem().encoderDigest().get().equals(drawn.digest());
        return Outcome.of(BottleneckTrial.ACCURACY, accuracy(drawn, predicted)).with(CHANGED, same ? 0 : 1);
    }

    /** Returns the share of test items that are right, in per cent. */
    private static double accuracy(Drawn drawn, int[] predicted) {
        int[] labels = drawn.problem().test().labels();
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predicted[i] == labels[i] ? 1 : 0;
        }
        return 100.0 * right / labels.length;
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                Comparison.better(BottleneckTrial.ACCURACY, Goal.HIGH, METHOD, ZERO_SHOT),
                Comparison.atMost(CHANGED, METHOD, 0).named("no weight of the encoder changes"));
    }
}
