package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.HandMade;
import dev.lapidary.concept.explain.Explanation.ClassScore;
import dev.lapidary.concept.explain.Explanation.Contribution;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ExplainerTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> CLASSES = List.of("sport", "news", "trade");
    private static final List<String> CONCEPTS = List.of("ball", "vote", "price", "rain");
    private static final double[][] WEIGHTS = {{1, 0, -0.5, 0}, {0, 2, 0, 1e-6}, {-1, 0, 1.5, 0}};
    private static final double[] BIAS = {0.1, 0, -0.2};

    /** Scores (0, 0.6, -0.8, 0) times 2. */
    private static final float[] ITEM = {0, 3, -4, 0};

    private static Explainer explainer() {
        return Explainer.of(HandMade.ofCoordinates(WEIGHTS, BIAS, 2), CLASSES, CONCEPTS);
    }

    @Test
    void takesALogitApart() {
        Explanation e = explainer().explain(ITEM);

        assertThat(e.predicted()).isEqualTo("news");
        assertThat(e.classes()).extracting(ClassScore::name).containsExactly("news", "sport", "trade");
        assertThat(e.classes().get(0).logit()).isEqualTo(2.4, within(1e-6));
        assertThat(e.classes().get(1).logit()).isEqualTo(0.1 + 0.8, within(1e-6));
        assertThat(e.classes().get(2).logit()).isEqualTo(-0.2 - 2.4, within(1e-6));
        assertThat(e.classes().get(0).probability())
                .isEqualTo(Math.exp(2.4) / (Math.exp(2.4) + Math.exp(0.9) + Math.exp(-2.6)), within(1e-6));
        assertThat(e.classes().get(0).contributions()).singleElement().satisfies(c -> {
            assertThat(c.concept()).isEqualTo("vote");
            assertThat(c.value()).isEqualTo(2.4, within(1e-6));
        });
        assertThat(e.concepts().get(2).cosine()).isEqualTo(-0.8, within(1e-6));
        assertThat(e.concepts().get(2).score()).isEqualTo(-1.6, within(1e-6));
        assertThat(e.concepts().get(2).gate()).isNull();
    }

    @Test
    void contributionsAndBiasSumToTheScorersLogit() {
        Random random = new Random(5);
        for (int round = 0; round < 40; round++) {
            ConceptScorer scorer = HandMade.random(4, 9, round % 2 == 1, random);
            float[] item = HandMade.withLength(random.doubles(9, -1, 1).toArray(), 1 + random.nextDouble());
            double[] logits = logits(scorer, item);
            Explanation e = Explainer.of(scorer, names("k", 4), names("m", 9)).explain(item);
            for (ClassScore c : e.classes()) {
                double sum = c.bias()
                        + c.contributions().stream()
                                .mapToDouble(Contribution::value)
                                .sum();
                assertThat(sum).isEqualTo(c.logit(), within(1e-9));
                assertThat(c.logit()).isEqualTo(logits[Integer.parseInt(c.name().substring(1))], within(1e-9));
                assertThat(c.contributions())
                        .isSortedAccordingTo(Comparator.comparingDouble((Contribution p) -> -Math.abs(p.value())));
            }
            assertThat(e.classes()).isSortedAccordingTo(Comparator.comparingDouble(c -> -c.logit()));
            assertThat(e.predicted()).isEqualTo("k" + ClassScorer.largest(logits));
            assertThat(e.classes().stream()
                            .mapToDouble(c -> Objects.requireNonNull(c.probability()))
                            .sum())
                    .isEqualTo(1, within(1e-12));
        }
    }

    private static double[] logits(ClassScorer scorer, float[] item) {
        try (EmbeddingMatrix one = EmbeddingMatrix.of(new float[][] {item})) {
            return scorer.logits(one, null)[0];
        }
    }

    static List<String> names(String letter, int count) {
        return IntStream.range(0, count).mapToObj(i -> letter + i).toList();
    }

    /** The heart of it: an absent concept with a negative weight must not read as if it were there. */
    @Test
    void saysWhetherAConceptIsFoundAndWhatThatMeans() {
        double[][] weights = {{1, 1, -1, -1}, {0, 0, 0, 0}};
        Explainer explainer =
                Explainer.of(HandMade.ofCoordinates(weights, new double[2], 2), List.of("oil", "cricket"), CONCEPTS);
        Explanation e = explainer.explain(new float[] {0.8f, -0.4f, 0.4f, -0.2f});

        ClassScore oil = e.classes().getFirst();
        assertThat(oil.name()).isEqualTo("oil");
        assertThat(oil.contributions())
                .extracting(Contribution::concept, Contribution::evidence)
                .containsExactlyInAnyOrder(
                        tuple("ball", Evidence.FOUND_FOR),
                        tuple("vote", Evidence.NOT_FOUND_AGAINST),
                        tuple("price", Evidence.FOUND_AGAINST),
                        tuple("rain", Evidence.NOT_FOUND_FOR));
        assertThat(oil.contributions())
                .allSatisfy(c -> assertThat(Objects.requireNonNull(c.score()) * Objects.requireNonNull(c.weight()))
                        .isEqualTo(c.value(), within(1e-12)));
        assertThat(e.text())
                .containsSubsequence(
                        "  found, speaks for oil\n    ball",
                        "  found, speaks against oil\n    price",
                        "  not found, which speaks for oil\n    rain",
                        "  not found, which speaks against oil\n    vote",
                        "score: how near the item is to the concept in meaning, in standard deviations from the mean of the training items",
                        "found: nearer than training items are on average");
        String json = JSON.writeValueAsString(oil.contributions().getFirst());
        assertThat(JSON.readTree(json).propertyNames())
                .containsExactlyInAnyOrder("concept", "value", "score", "weight", "presence", "contribution");
        assertThat(JSON.readTree(json).path("presence").stringValue()).isEqualTo("found");
        assertThat(explainer.contributions(new float[] {0.8f, -0.4f, 0.4f, -0.2f}, "oil"))
                .isEqualTo(oil.contributions());
    }

    @Test
    void aScoreAtItsMeanIsNotFound() {
        assertThat(Presence.of(0, 0)).isEqualTo(Presence.NOT_FOUND);
        assertThat(Presence.of(1e-9, 0)).isEqualTo(Presence.FOUND);
        assertThat(Evidence.of(null, 1)).isEqualTo(Evidence.FOR);
        assertThat(Evidence.of(null, -1)).isEqualTo(Evidence.AGAINST);
    }

    @Test
    void countsWhatItLeavesOut() {
        int many = 15;
        double[][] weights = new double[many][many];
        for (int m = 0; m < many; m++) {
            weights[0][m] = 1 + m;
        }
        Explainer explainer =
                Explainer.of(HandMade.ofCoordinates(weights, new double[many], 2), names("k", many), names("m", many));
        float[] item = new float[many];
        Arrays.fill(item, 1);

        String text = explainer.explain(item).text();

        // each score is 2/√15; the three smallest weights are 1, 2 and 3
        assertThat(text)
                .containsPattern("  and 3 smaller contributions together +\\+3\\.098")
                .containsPattern("  and 3 more classes together +0\\.0 %");
    }

    @Test
    void showsTheGate() {
        ConceptScorer scorer = HandMade.gated(
                new double[][] {{1, 1}, {0, 0}}, new double[2], 5, new double[] {1, 1}, new double[] {-3, -20});
        Explanation e =
                Explainer.of(scorer, List.of("a", "b"), List.of("x", "y")).explain(new float[] {3, 4});

        // sigmoid(1·3 − 3) = 0.5; 0.5·1.2 − 0.1 = 0.5
        assertThat(e.concepts().get(0).gate()).isEqualTo(0.5, within(1e-6));
        assertThat(e.concepts().get(1).gate()).isZero();
        assertThat(e.classes().getFirst().contributions())
                .singleElement()
                .satisfies(c -> assertThat(c.value()).isEqualTo(1.5, within(1e-9)));
    }

    @Test
    void saysWhatIsMissingForTheNamedClass() {
        Explanation predicted = explainer().explain(ITEM);
        assertThat(predicted.missingFor()).isEqualTo("news");
        assertThat(predicted.missing()).isEmpty(); // vote is above its mean

        Explanation trade = explainer().explain(ITEM, "trade");
        assertThat(trade.missing()).singleElement().satisfies(m -> {
            assertThat(m.concept()).isEqualTo("price");
            assertThat(m.weight()).isEqualTo(1.5);
            assertThat(m.score()).isEqualTo(-1.6, within(1e-6));
            assertThat(m.typicalHigh()).isEqualTo(2);
            assertThat(m.gain()).isEqualTo(1.5 * 3.6, within(1e-6));
        });
    }

    @Test
    void refusesAnUnknownClassWithTheNearest() {
        assertThatThrownBy(() -> explainer().explain(ITEM, "Sports"))
                .isInstanceOf(InputException.class)
                .hasMessage("class must be one of the classifier's 3; got \"Sports\", nearest is \"sport\"");
    }

    @Test
    void profilesAClass() {
        ClassProfile trade = explainer().profile("trade");
        assertThat(trade.bias()).isEqualTo(-0.2);
        assertThat(trade.speakFor()).containsExactly(new ClassProfile.Weight("price", 1.5));
        assertThat(trade.speakAgainst()).containsExactly(new ClassProfile.Weight("ball", -1));
        assertThat(explainer().profile("news").speakFor()).containsExactly(new ClassProfile.Weight("vote", 2));
        assertThat(explainer().profiles()).extracting(ClassProfile::name).isEqualTo(CLASSES);
        assertThat(trade.text())
                .contains("found, they speak for trade; not found, against it:\n    weight +1.500  price")
                .contains("found, they speak against trade; not found, for it:\n    weight -1.000  ball");
    }

    @Test
    void summarisesOverItems() {
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {ITEM, {1, 0, 0, 0}})) {
            GlobalSummary summary = explainer().summary(items);

            assertThat(summary.items()).isEqualTo(2);
            assertThat(summary.unused()).isEqualTo(1); // rain
            assertThat(summary.nec()).isEqualTo(5.0 / 3);
            // scores (0, 1.2, -1.6, 0) and (2, 0, 0, 0); weights over classes: ball 2/3, vote 2/3, price 2/3
            assertThat(summary.importance())
                    .extracting(GlobalSummary.Importance::concept)
                    .containsExactly("ball", "price", "vote");
            assertThat(summary.importance().get(0).meanAbsoluteContribution()).isEqualTo(2.0 / 3, within(1e-6));
            assertThat(summary.importance().get(1).meanAbsoluteContribution()).isEqualTo(1.6 / 3, within(1e-6));
            assertThat(summary.importance().get(2).meanAbsoluteContribution()).isEqualTo(1.2 / 3, within(1e-6));
            // one concept makes up each of five logits; nothing the sixth
            assertThat(summary.ncc90()).isEqualTo(5.0 / 6, within(1e-12));
            assertThat(summary.text()).contains("3 of 4 concepts decide, 1.67 per class");
        }
    }

    @Test
    void thePublishedFormNeedsItemsToKnowItsRange() {
        ConceptScorer published = HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 1}}, new double[2], 100);
        Explainer bare = Explainer.of(published, List.of("a", "b"), List.of("x", "y"));
        float[] item = {0.8f, 0.6f};
        assertThat(bare.explain(item).missing()).isEmpty();
        assertThat(bare.explain(item).classes().getFirst().contributions())
                .extracting(Contribution::evidence)
                .containsExactly(Evidence.FOR);
        assertThat(bare.explain(item).text())
                .contains("speaks for a", "100 times the cosine", "found or not is not said")
                .doesNotContain("found, speaks");
        assertThat(Objects.requireNonNull(bare.explain(item).counterfactual()).reason())
                .contains("does not standardise");

        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{0.8f, 0.6f}, {0.6f, 0.8f}, {1, 0}})) {
            Counterfactual c =
                    Objects.requireNonNull(bare.withRangeOf(items).explain(item).counterfactual());
            assertThat(c.possible()).isTrue();
            assertThat(c.to()).isEqualTo("b");
            assertThat(c.moves()).hasSize(1);
        }
    }

    @Test
    void explainsASearchByItsContributions() {
        float[][] concepts = {{1, 0, 0.2f}, {0.1f, 1, 0.3f}, {0.2f, 0.3f, 1}};
        float[][] classes = {{1, 0.2f, 0.1f}, {0.1f, 0.4f, 1}};
        try (EmbeddingMatrix c = EmbeddingMatrix.of(concepts);
                EmbeddingMatrix k = EmbeddingMatrix.of(classes)) {
            ClassScorer scorer = search(ConceptMatrixSearch.fit(c, k, null, null, ConceptMatrixSearch.DEFAULT_FLOOR));
            Explainer explainer = Explainer.of(scorer, List.of("a", "b"), List.of("x", "y", "z"));
            float[] item = {0.1f, 0.5f, 0.9f};
            Explanation e = explainer.explain(item);

            assertThat(e.predicted()).isEqualTo("b");
            double[] scores = logits(scorer, item);
            for (ClassScore s : e.classes()) {
                assertThat(s.probability()).isNull();
                assertThat(s.contributions().stream()
                                .mapToDouble(Contribution::value)
                                .sum())
                        .isEqualTo(s.logit(), within(1e-9));
                assertThat(s.logit()).isEqualTo(scores[s.name().equals("a") ? 0 : 1], within(1e-5));
            }
            assertThat(e.counterfactual()).isNull();
            assertThat(e.text())
                    .contains("predicted: b", "speaks for b", "whether a concept is found is not known")
                    .doesNotContain("weight");
            assertThatThrownBy(() -> explainer.profile("a"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got search");
        }
    }

    /** A search without normalisation, by the cosine rule. */
    static ClassScorer search(ConceptMatrixSearch search) {
        Map<String, TensorView> tensors = new HashMap<>();
        for (TensorView view : search.tensors()) {
            tensors.put("s.search." + view.name(), view);
        }
        tensors.put("s.variant", TensorView.of("s.variant", new long[] {0, 0, search.concepts()}, 3));
        return ClassScorer.restore(tensors, "s.", new float[0][], 3);
    }

    @Test
    void readsBackFromJsonAndWritesLines() {
        Explanation e = explainer().explain(ITEM, "trade");
        assertThat(JSON.readValue(JSON.writeValueAsString(e), Explanation.class))
                .isEqualTo(e);

        List<String> lines = new ArrayList<>(e.text().lines().toList());
        assertThat(lines)
                .contains("predicted: news", "  found, speaks for news")
                .contains("    vote                  +1.20  +2.000        +2.400")
                .contains("  bias                                         +0.000")
                .contains("  sum: the logit of news                       +2.400");
        assertThat(lines).contains("why not trade:", "  not found, which speaks against trade");
        assertThat(lines)
                .contains(
                        "  were \"price\" clearly found (score +2.00 instead of -1.60), the logit of trade would be 5.400 higher");
        assertThat(lines)
                .anyMatch(l -> l.startsWith("smallest change of concept scores that flips the decision from news to "));
    }
}
