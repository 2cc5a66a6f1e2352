package dev.lapidary.systems.sparsecbm;

import dev.lapidary.systems.sparsecbm.BottleneckFit.Result;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Concept bottleneck layers of every form on one data set, with the dense one as the baseline. */
record BottleneckTrial(ConceptData data) implements Trial<BottleneckTrial.Drawn> {
    static final String ACCURACY = "accuracy";

    private static final String METHOD = "gumbel";
    private static final String L1 = "l1";
    private static final String DENSE = "dense";
    private static final long SELECTION = 0x5e1ec7L; // apart from other draws of the seed

    /** What a seed drew, with scores against the concepts and the results that several arms need. */
    static final class Drawn {
        private final ConceptProblem problem;
        private final long seed;
        private final ConceptScores scores;
        private final Map<BottleneckForm, Result> results = new EnumMap<>(BottleneckForm.class);

        Drawn(ConceptProblem problem, long seed) {
            this.problem = problem;
            this.seed = seed;
            this.scores = ConceptScores.of(problem, problem.concepts());
        }

        Result result(BottleneckForm form) {
            return results.computeIfAbsent(form, each -> BottleneckFit.best(scores, each, seed));
        }
    }

    @Override
    public String name() {
        return "bottleneck-" + data.name();
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new TreeMap<>(data.settings());
        settings.put("batch", BottleneckFit.BATCH);
        settings.put("learningRate", Double.toString(BottleneckFit.RATE));
        settings.put("triedEpochs", BottleneckFit.LOOKS);
        settings.put("patience", BottleneckFit.PATIENCE);
        for (BottleneckForm form : BottleneckForm.values()) {
            settings.put(
                    "triedStrengths-" + form.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    Arrays.stream(form.strengths()).mapToObj(Double::toString).toList());
        }
        settings.put("chosenBy", "cross-entropy on validation items");
        return settings;
    }

    @Override
    public Drawn draw(long seed) {
        return new Drawn(data.draw(seed), seed);
    }

    @Override
    public List<Arm<Drawn>> arms() {
        return List.of(
                Arm.method(METHOD, (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.GATES))),
                Arm.reported(L1, (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.L1))),
                Arm.reported(
                        "contrastive", (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.CONTRASTIVE))),
                Arm.reported(
                        "published-gumbel-loss",
                        (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.GUMBEL_LOSS))),
                Arm.baseline(DENSE, (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.DENSE))),
                Arm.control("random-words", (drawn, seed, progress) -> outcome(words(drawn))),
                Arm.sabotage("gate-gradient-cut", (drawn, seed, progress) -> outcome(drawn.result(BottleneckForm.CUT_GATES))),
                Arm.sabotage("random-selection", (drawn, seed, progress) -> outcome(randomSelection(drawn))),
                Arm.reported("linear-probe", (drawn, seed, progress) -> outcome(probe(drawn))));
    }

    private static Outcome outcome(Result result) {
        return Outcome.of(ACCURACY, result.accuracy())
                .with("activeConcepts", result.active())
                .with("nec", result.nec())
                .with("chosenStrength", result.strength())
                .with("chosenEpochs", result.epochs());
    }

    private static Result words(Drawn drawn) {
        ConceptScores scores = ConceptScores.of(drawn.problem, drawn.problem.randomWords());
        return BottleneckFit.best(scores, BottleneckForm.GATES, drawn.seed);
    }

    private static Result probe(Drawn drawn) {
        return BottleneckFit.best(
                ConceptScores.ofCoordinates(drawn.problem), BottleneckForm.PROBE, drawn.seed);
    }

    /** As many concepts as the method keeps, at least one, but drawn at random; they learn in the dense form. */
    private static Result randomSelection(Drawn drawn) {
        int kept = 0;
        for (boolean each : drawn.result(BottleneckForm.GATES).kept()) {
            kept += each ? 1 : 0;
        }
        int[] drawnConcepts = ConceptData.rows(drawn.seed ^ SELECTION, drawn.scores.width(), Math.max(1, kept));
        return BottleneckFit.best(drawn.scores.only(drawnConcepts), BottleneckForm.DENSE, drawn.seed);
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                Comparison.better(ACCURACY, Goal.HIGH, METHOD, DENSE), Comparison.better(ACCURACY, Goal.HIGH, L1, DENSE));
    }
}
