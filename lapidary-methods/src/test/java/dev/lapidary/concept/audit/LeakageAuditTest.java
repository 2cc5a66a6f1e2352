package dev.lapidary.concept.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.HandMade;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LeakageAuditTest {
    private static final SplitRecord ELSEWHERE = HandMade.split(List.of("t"), List.of("v"), List.of("x"));
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Test
    void namesThatFitTheWeightsAlignBetterThanShuffledOnes() {
        Random random = new Random(1);
        double[][] similarities = new double[3][40];
        for (double[] row : similarities) {
            Arrays.setAll(row, m -> random.nextGaussian());
        }
        double[][] weights = new double[3][40];
        for (int k = 0; k < 3; k++) {
            int classIndex = k;
            Arrays.setAll(weights[k], m -> 5 + 2 * similarities[classIndex][m]);
        }
        float[][] rows = new float[60][];
        int[] labels = new int[60];
        for (int i = 0; i < rows.length; i++) { // items lie along their class's own similarities, with noise
            labels[i] = i % 3;
            double[] row = new double[40];
            int label = labels[i];
            Arrays.setAll(row, m -> similarities[label][m] + 0.8 * random.nextGaussian());
            rows[i] = HandMade.withLength(row, 1);
        }
        try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
            NameAlignment fitting =
                    NameAlignment.of(HandMade.ofCoordinates(weights, new double[3], 6), similarities, items, labels, 0);
            assertThat(fitting.alignment()).isEqualTo(1, within(1e-12));
            assertThat(fitting.shuffledAlignment()).isEqualTo(0, within(0.02));
            assertThat(fitting.pValue()).isEqualTo(1.0 / 1001, within(1e-12));
            assertThat(fitting.accuracyByNames()).isGreaterThan(0.95);
            assertThat(fitting.accuracyByShuffledNames()).isBetween(0.15, 0.55);

            double[][] unrelated = new double[3][40];
            for (double[] row : unrelated) {
                Arrays.setAll(row, m -> random.nextGaussian());
            }
            NameAlignment leaking = NameAlignment.of(
                    HandMade.ofCoordinates(unrelated, new double[3], 6), similarities, items, labels, 0);
            assertThat(leaking.alignment()).isBetween(-0.3, 0.3);
            assertThat(leaking.pValue()).isGreaterThan(0.02);
        }
    }

    @Test
    void alignmentIsTheMeanPearsonCorrelationAndAClassWithoutWeightsCountsZero() {
        double[][] weights = {{1, 2, 4}, {0, 0, 0}};
        double[][] similarities = {{0.1, 0.3, 0.2}, {0.5, 0.1, 0.2}};
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1, 0, 0}})) {
            NameAlignment a = NameAlignment.of(
                    HandMade.ofCoordinates(weights, new double[2], 1), similarities, items, new int[] {0}, 0);
            // centred: (-4/3, -1/3, 5/3) and (-0.1, 0.1, 0): product 0.1; lengths sqrt(42)/3 and sqrt(0.02)
            double pearson = 0.1 / (Math.sqrt(42) / 3 * Math.sqrt(0.02));
            assertThat(a.alignment()).isEqualTo(pearson / 2, within(1e-12));
            // by names: (-0.1, 0.1, 0) against (0.2333, -0.1667, -0.0667): the first item is of the second class
            assertThat(a.accuracyByNames()).isZero();
        }
    }

    @Test
    void theSpanTakesOutWhatItsVectorsReach() {
        float[] dependent = {2, 3, 0, 0};
        ConceptSpan span = new ConceptSpan(List.of(new float[] {1, 0, 0, 0}, new float[] {1, 1, 0, 0}, dependent));
        assertThat(span.rank()).isEqualTo(2);
        float[] residual = span.residual(new float[] {1, 1, 1, 1});
        assertThat(residual).containsExactly(new float[] {0, 0, 0.5f, 0.5f}, within(1e-7f));
    }

    /** Three classes in 8 dimensions: the first two apart along axis 0, the last told from the second along axis 5 only. */
    private static ResidualGap gap(boolean allConcepts) {
        Random random = new Random(8);
        int n = 1500;
        float[][] rows = new float[n][8];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % 3;
            for (int j = 0; j < 8; j++) {
                rows[i][j] = (float) (0.3 * random.nextGaussian());
            }
            rows[i][0] += labels[i] == 0 ? 1 : -1;
            rows[i][5] += labels[i] == 2 ? 1 : labels[i] == 1 ? -1 : 0;
        }
        float[][] vectors = new float[2][8];
        vectors[0][0] = 1;
        vectors[1][5] = 1;
        double second = allConcepts ? 6 : 0;
        ConceptScorer scorer = HandMade.of(
                vectors,
                new double[2],
                new double[] {1, 1},
                new double[][] {{6, 0}, {-3, -second}, {-3, second}},
                new double[3]);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
            var audited = new AuditItems(items, names("i", n), labels);
            return ResidualGap.of(
                    scorer,
                    LeakageAudit.span(scorer, vectors),
                    audited,
                    audited.parts(ELSEWHERE),
                    List.of("a", "b", "c"));
        }
    }

    @Test
    void whatNoConceptExpressesShowsAsAGap() {
        ResidualGap gap = gap(false);
        assertThat(gap.rank()).isEqualTo(1);
        assertThat(gap.fitted() + gap.judged()).isBetween(1250, 1450); // a tenth chooses
        assertThat(gap.accuracy()).isBetween(0.6, 0.7); // b and c are a coin toss that falls on b
        assertThat(gap.withResidual()).isGreaterThan(0.97);
        assertThat(gap.gap()).isEqualTo(gap.withResidual() - gap.accuracy());
        assertThat(gap.low()).isGreaterThan(0.25);
        assertThat(gap.insufficient()).containsExactly("c");
        assertThat(gap.classes()).extracting(ResidualGap.ClassGap::name).containsExactly("a", "b", "c");
        assertThat(gap.classes().get(2).accuracy()).isZero();
        assertThat(gap.lines()).anyMatch(l -> l.startsWith("warning: concepts insufficient for c: +"));
    }

    @Test
    void whereConceptsExpressEverythingThereIsNoGap() {
        ResidualGap gap = gap(true);
        assertThat(gap.rank()).isEqualTo(2);
        assertThat(gap.accuracy()).isGreaterThan(0.97);
        assertThat(gap.gap()).isEqualTo(0, within(0.01));
        assertThat(gap.insufficient()).isEmpty();
    }

    @Test
    void theTemperatureIsTheOneOfLeastLoss() {
        // two classes, gap 1, right for 3 of 4: sigmoid(t) = 0.75
        double[][] logits = {{1, 0}, {1, 0}, {1, 0}, {1, 0}};
        assertThat(ResidualGap.temperature(logits, new int[] {0, 0, 0, 1})).isEqualTo(Math.log(3), within(1e-9));
    }

    @Test
    void partsAreTheOwnSplitsOrDrawnByContent() {
        float[][] rows = new float[400][2];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new float[] {i - i % 2, 1}; // pairs of equal items
        }
        try (EmbeddingMatrix matrix = EmbeddingMatrix.of(rows)) {
            List<String> ids = names("i", rows.length);
            var items = new AuditItems(matrix, ids, new int[rows.length]);
            var own = items.parts(HandMade.split(ids.subList(0, 300), ids.subList(300, 350), ids.subList(350, 400)));
            assertThat(own.fit()).hasSize(300);
            assertThat(own.judge()).containsExactly(IntStream.range(350, 400).toArray());

            var drawn = items.parts(ELSEWHERE);
            assertThat(drawn.fit().length).isBetween(110, 210);
            assertThat(drawn.judge().length).isBetween(150, 250);
            Set<Integer> fitted = new HashSet<>();
            Arrays.stream(drawn.fit()).forEach(i -> fitted.add(i / 2));
            assertThat(Arrays.stream(drawn.judge()).noneMatch(i -> fitted.contains(i / 2)))
                    .isTrue();
        }
    }

    @Test
    void auditsAClassifierWithNotesOnWhatItCannotMeasure() {
        float[][] vectors = {{1, 0}, {0, 1}};
        ConceptClassifier classifier = HandMade.classifier(
                HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 1}}, new double[2], 1),
                List.of("a", "b"),
                List.of("x", "y"),
                vectors,
                Map.of("random-directions", 0.79),
                Map.of("random-directions", List.of(-0.01, 0.03)));
        try (EmbeddingMatrix matrix =
                EmbeddingMatrix.of(new float[][] {{0, 1}, {1, 0.1f}, {0.3f, 0.2f}, {0.4f, 0.2f}})) {
            var items = new AuditItems(matrix, List.of("1", "2", "3", "4"), new int[] {1, 0, 0, 0});
            LeakageAudit audit = LeakageAudit.of(classifier, items, vectors);

            assertThat(audit.controls()).singleElement().satisfies(c -> {
                assertThat(c.gap()).isEqualTo(0.01, within(1e-12));
                assertThat(c.above()).isFalse();
            });
            assertThat(Objects.requireNonNull(audit.names()).alignment()).isEqualTo(1, within(1e-9));
            assertThat(audit.residual()).isNull();
            assertThat(audit.notes()).anyMatch(n -> n.startsWith("random-words: not measured"));
            assertThat(audit.notes()).anyMatch(n -> n.startsWith("residual: "));
            assertThat(audit.text())
                    .contains("random-directions: +1.0 points (-1.0 to +3.0) over a control at 79.0 %; warning")
                    .contains("names: weights align with them by 1.000");
            assertThat(JSON.readValue(JSON.writeValueAsString(audit), LeakageAudit.class))
                    .isEqualTo(audit);
            assertThat(LeakageAudit.of(classifier, items, (float[][]) null).notes())
                    .anyMatch(n -> n.startsWith("names: the class names' embeddings"));
            assertThatThrownBy(() -> new AuditItems(matrix, List.of("1", "2", "3", "4"), new int[] {0, 1, -1, 0}))
                    .isInstanceOf(InputException.class)
                    .hasMessage("every item of an audit must have a label; got one without");
        }
    }

    private static List<String> names(String letter, int count) {
        return IntStream.range(0, count).mapToObj(i -> letter + i).toList();
    }
}
