package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.HandMade;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CounterfactualTest {
    private static final int CONCEPTS = 6;
    private static final int CLASSES = 3;

    private static Counterfactual of(ConceptScorer scorer, float[] item) {
        int m = scorer.map().concepts();
        int k = scorer.classes();
        return Objects.requireNonNull(Explainer.of(scorer, ExplainerTest.names("k", k), ExplainerTest.names("m", m))
                .explain(item)
                .counterfactual());
    }

    @Test
    void movesTheStrongestFullyAndTheLastOnlyAsFarAsNeeded() {
        // scores (0.6, -0.8)·5 = (3, -4), logits (7, 0): a margin of 7 in favour of the first class
        ConceptScorer scorer = HandMade.ofCoordinates(new double[][] {{1, -1}, {0, 0}}, new double[2], 5);
        Counterfactual c = of(scorer, new float[] {3, -4});

        assertThat(c.possible()).isTrue();
        assertThat(c.from()).isEqualTo("k0");
        assertThat(c.to()).isEqualTo("k1");
        // m1 to 3 takes 7 away, a hair too little; m0 then moves by that hair
        assertThat(c.moves()).extracting(Counterfactual.Move::concept).containsExactly("m1", "m0");
        assertThat(c.moves().get(0).to()).isEqualTo(3);
        assertThat(c.moves().get(1).from() - c.moves().get(1).to()).isEqualTo(1e-6, within(1e-6));
        assertThat(c.text()).contains("from k0 to k1").contains("\"m1\": score +3.00 instead of -4.00");
    }

    @Test
    void oneConceptMovesNoFurtherThanNeeded() {
        // logits (2·1.2, 0.5): m0 must fall to 0.25
        ConceptScorer scorer = HandMade.ofCoordinates(new double[][] {{2, 0}, {0, 0}}, new double[] {0, 0.5}, 2);
        Counterfactual c = of(scorer, new float[] {0.6f, 0.8f});
        assertThat(c.moves()).hasSize(1);
        assertThat(c.moves().getFirst().to()).isEqualTo(0.25, within(1e-5));
        assertThat(c.logits().get(1) - c.logits().get(0)).isEqualTo(CounterfactualSearch.MARGIN, within(1e-9));
    }

    /** A counterfactual must not ask for scores that nobody has seen. */
    @Test
    void staysWithinTheScoresOfTheTraining() {
        ConceptScorer scorer = HandMade.ofCoordinates(new double[][] {{2, 0}, {0, 0}}, new double[] {0, 0.5}, 2);
        float[] item = {0.6f, 0.8f}; // m0 stands at 1.2 and must fall to 0.25
        float[][] low = new float[SeenItems.FEWEST][];
        float[][] high = new float[SeenItems.FEWEST][];
        for (int i = 0; i < low.length; i++) {
            low[i] = new float[] {0.1f + 0.01f * i, 1}; // m0 down to about 0.2
            high[i] = new float[] {0.2f + 0.01f * i, 1}; // m0 down to about 0.39
        }

        assertThat(seeing(scorer, low, item).moves().getFirst().to()).isEqualTo(0.25, within(1e-5));
        Counterfactual none = seeing(scorer, high, item);
        assertThat(none.possible()).isFalse();
        assertThat(none.text())
                .isEqualTo(
                        "no change of concept scores flips the decision from k0: even all concepts together, each within the scores "
                                + "that training items have, leave it\n");
    }

    private static Counterfactual seeing(ConceptScorer scorer, float[][] training, float[] item) {
        try (EmbeddingMatrix items = EmbeddingMatrix.of(training)) {
            SeenItems seen = SeenItems.of(
                    scorer, items, IntStream.range(0, training.length).toArray());
            var classifier = HandMade.classifier(
                            scorer,
                            List.of("k0", "k1"),
                            List.of("m0", "m1"),
                            new float[][] {{1, 0}, {0, 1}},
                            Map.of(),
                            Map.of())
                    .withSeenItems(seen);
            return Objects.requireNonNull(Explainer.of(classifier).explain(item).counterfactual());
        }
    }

    @Test
    void saysSoWhereNothingFlipsTheDecision() {
        ConceptScorer scorer = HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 1}}, new double[] {100, 0}, 2);
        Counterfactual c = of(scorer, new float[] {1, 0});
        assertThat(c.possible()).isFalse();
        assertThat(c.to()).isNull();
        assertThat(c.moves()).isEmpty();
        assertThat(c.text()).contains("no change of concept scores flips the decision", "3 standard deviations");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noSmallerSetOfConceptsFlipsTheDecision(boolean gates) {
        Random random = new Random(11);
        int impossible = 0;
        int several = 0;
        for (int round = 0; round < 150; round++) {
            ConceptScorer scorer = HandMade.random(CLASSES, CONCEPTS, gates, random);
            NamedMap map = scorer.map();
            double[] bias = map.bias();
            bias[random.nextInt(CLASSES)] += 14 * random.nextDouble(); // so that one concept is often not enough
            scorer = scorer.withMap(new NamedMap(map.weights(), bias));
            float[] item = HandMade.withLength(random.doubles(CONCEPTS, -1, 1).toArray(), 1);
            Counterfactual c = of(scorer, item);
            int least = fewestByBruteForce(scorer, item);

            assertThat(c.possible() ? c.moves().size() : -1)
                    .as("round %d", round)
                    .isEqualTo(least);
            impossible += c.possible() ? 0 : 1;
            several += least > 1 ? 1 : 0;
            if (c.possible()) {
                requireFlip(scorer, item, c);
            }
        }
        assertThat(impossible).isBetween(1, 120);
        assertThat(several).isGreaterThan(15);
    }

    private static void requireFlip(ConceptScorer scorer, float[] item, Counterfactual c) {
        double[] scores = scorer.scores(item);
        for (Counterfactual.Move move : c.moves()) {
            int m = Integer.parseInt(move.concept().substring(1));
            assertThat(move.from()).isEqualTo(scores[m]);
            assertThat(move.to()).isBetween(-3.0, 3.0);
            scores[m] = move.to();
        }
        Decision after = Decision.of(scorer, scores);
        assertThat("k" + after.predicted()).isEqualTo(c.to()).isNotEqualTo(c.from());
        assertThat(after.logits())
                .containsExactly(c.logits().stream().mapToDouble(x -> x).toArray());
        Counterfactual.Move last = c.moves().getLast();
        scores[Integer.parseInt(last.concept().substring(1))] = last.to() - 0.02 * (last.to() - last.from());
        if (Math.abs(last.to() - last.from()) > 1e-3) {
            assertThat("k" + Decision.of(scorer, scores).predicted()).isEqualTo(c.from());
        }
    }

    /** Tries every subset against every rival, with each concept anywhere on a fine grid; -1 where none flips. */
    private static int fewestByBruteForce(ConceptScorer scorer, float[] item) {
        Decision now = Decision.of(scorer, scorer.scores(item));
        int predicted = now.predicted();
        double[][] gains = new double[CLASSES][CONCEPTS];
        for (int rival = 0; rival < CLASSES; rival++) {
            for (int m = 0; m < CONCEPTS; m++) {
                gains[rival][m] = most(
                        scorer, m, scorer.map().weight(rival, m) - scorer.map().weight(predicted, m), now);
            }
        }
        int fewest = -1;
        for (int subset = 1; subset < 1 << CONCEPTS; subset++) {
            int size = Integer.bitCount(subset);
            if (fewest >= 0 && size >= fewest) {
                continue;
            }
            for (int rival = 0; rival < CLASSES; rival++) {
                double margin = now.logits()[predicted] - now.logits()[rival];
                for (int m = 0; m < CONCEPTS; m++) {
                    if ((subset >> m & 1) == 1) {
                        margin -= gains[rival][m];
                    }
                }
                if (rival != predicted && margin < -CounterfactualSearch.MARGIN) {
                    fewest = size;
                }
            }
        }
        return fewest;
    }

    private static double most(ConceptScorer scorer, int concept, double coefficient, Decision now) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= 6000; i++) {
            double passed = scorer.passed(concept, (i - 3000) / 1000.0);
            most = Math.max(most, coefficient * (passed - now.passed()[concept]));
        }
        return most;
    }

    @Test
    void prefersTheRivalThatNeedsLessMovement() {
        // both rivals need one concept; k1 needs m0 to fall by 1, k2 needs m1 to rise by 0.5
        ConceptScorer scorer = HandMade.ofCoordinates(
                new double[][] {{1, 0}, {0, 0}, {0, 2}}, new double[] {0, 0, 0}, Math.sqrt(1 + 0.0001));
        Counterfactual c = of(scorer, new float[] {1, 0.01f});
        assertThat(c.to()).isEqualTo("k2");
        assertThat(c.moves()).extracting(Counterfactual.Move::concept).isEqualTo(List.of("m1"));
        assertThat(c.moves().getFirst().to()).isEqualTo(0.5, within(1e-5));
    }
}
