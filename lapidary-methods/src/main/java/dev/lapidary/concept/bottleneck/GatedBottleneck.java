package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;

/** Per-item hard concrete gates on the concept scores, and a map by the dial on what they let pass. */
public final class GatedBottleneck implements BottleneckMethod {
    @Override
    public String id() {
        return "gates";
    }

    @Override
    public String summary() {
        return "learned gates that let a concept speak only for some items, with exact zeros";
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        SeedData data = problem.data();
        float[][] vectors = problem.vectors();
        ScoreMoments moments = DialFit.moments(data, vectors);
        // what a gate lets pass cannot be folded into the embedding space: never more rows than may be held
        int held = ScoreRows.heldRows(vectors.length, ScoreRows.HELD_BYTES);
        SeedData sample = data.sampled(Math.min(problem.setup().pathRows(), held));
        ScoreRows.Part most = data.train().atMost(held, data.seed());
        ConceptGates gates = gates(problem, sample, moments);
        var passing = PassedScores.fit(most, vectors, moments.standardisation(), gates);
        try (var parts = new DialFit.Parts(
                passing.rows(sample.train()), passing.rows(sample.validation()), passing.rows(sample.test()))) {
            DialFit dial = new DialFit(data, parts, problem.setup());
            DialFit.Chosen chosen = dial.choose(null);
            if (most.rows().length > sample.train().rows().length) {
                try (ScoreRows all = passing.rows(most)) {
                    chosen = dial.refitted(chosen, all);
                }
            }
            NamedMap map = passing.unscaled(chosen.map(data.classes()));
            var scorer = new ConceptScorer(
                    vectors, moments.standardisation(), gates, map, data.items().width());
            return chosen.fit(scorer, DialFit.dropped(moments));
        }
    }

    private static ConceptGates gates(BottleneckProblem problem, SeedData sample, ScoreMoments moments) {
        try (ScoreRows train = DialFit.train(sample, problem.vectors(), moments)) {
            return GateTraining.train(train, sample.seed(), problem.progress(), problem.cancellation());
        }
    }
}
