package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Choosing on a sample of large data and fitting what was chosen on all of it. */
class SampledFitTest {
    private static final int ITEMS = 3000;
    private static final int WIDTH = 24;
    private static final int CLASSES = 3;
    private static final int CONCEPTS = 20;
    private static EmbeddingMatrix items;
    private static SeedData data;
    private static float[][] vectors;

    @BeforeAll
    static void draw() {
        Random random = new Random(5);
        vectors = Vectors.random(CONCEPTS, WIDTH, 1);
        items = EmbeddingMatrix.allocate(ITEMS, WIDTH);
        int[] labels = new int[ITEMS];
        for (int i = 0; i < ITEMS; i++) {
            labels[i] = i % 10 == 0 ? 2 : i % 2; // a tenth in the last class
            float[] row = new float[WIDTH];
            for (int j = 0; j < WIDTH; j++) {
                row[j] = (float) (0.2 * random.nextGaussian())
                        + vectors[labels[i]][j]
                        + 0.5f * vectors[3 + labels[i]][j];
            }
            items.set(i, row);
        }
        data = new SeedData(items, part(labels, 0, 2000), part(labels, 2000, 2500), part(labels, 2500, ITEMS), 3);
    }

    @AfterAll
    static void close() {
        items.close();
    }

    private static ScoreRows.Part part(int[] labels, int from, int to) {
        return new ScoreRows.Part(
                items, IntStream.range(from, to).toArray(), Arrays.copyOfRange(labels, from, to), null, CLASSES);
    }

    private static Fit fit(String method, int pathRows) {
        ConceptConfig config = ConceptConfig.defaults().withMethod(Method.of(method)).withNec(3);
        return new MethodFitter(config, null, Progress.silent(), Cancellation.none(), pathRows).fit(data, vectors);
    }

    private static double[][] logits(Fit fit) {
        return fit.scorer().logits(items, data.test().rows());
    }

    @Test
    void aSampleHasEveryClassWithItsShareAndKeepsOrderLabelsAndWeights() {
        float[] weights = new float[2000];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = data.train().rows()[i];
        }
        var weighted =
                new ScoreRows.Part(items, data.train().rows(), data.train().labels(), weights, CLASSES);
        ScoreRows.Part sample = weighted.atMost(400, 7);
        float[] counted = Objects.requireNonNull(sample.weights());
        int[] counts = new int[CLASSES];
        for (int i = 0; i < sample.rows().length; i++) {
            int row = sample.rows()[i];
            counts[sample.labels()[i]]++;
            assertThat(sample.labels()[i]).isEqualTo(data.train().labels()[row]);
            assertThat(counted[i]).isEqualTo(row);
        }
        assertThat(counts).containsExactly(160, 200, 40); // of 800, 1000 and 200
        assertThat(sample.rows()).isSorted().doesNotHaveDuplicates();
        assertThat(weighted.atMost(400, 7).rows()).isEqualTo(sample.rows());
        assertThat(weighted.atMost(400, 8).rows()).isNotEqualTo(sample.rows());
        assertThat(weighted.atMost(2, 7).rows()).hasSize(CLASSES);
        assertThat(weighted.atMost(2000, 7)).isSameAs(weighted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates"})
    void aLimitAboveTheRowsChangesNothing(String method) {
        double[][] limited = logits(fit(method, 2000));
        double[][] unlimited = logits(fit(method, Integer.MAX_VALUE));
        for (int i = 0; i < limited.length; i++) {
            assertThat(limited[i])
                    .containsExactly(unlimited[i], within(1e-5)); // the solver stops where gradients are that small
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates"})
    void whatIsChosenOnASampleComesCloseToTheWhole(String method) {
        Fit sampled = fit(method, 500);
        assertThat(sampled.scorer().nec()).isLessThanOrEqualTo(3);
        assertThat(accuracy(sampled))
                .isCloseTo(accuracy(fit(method, 2000)), within(0.03))
                .isGreaterThan(0.8);
    }

    @Test
    void weightsChosenOnASampleAreFittedOnAllRows() {
        var scorer = (ConceptScorer) fit("sparse", 500).scorer();
        ScoreMoments moments;
        try (ScoreBlocks blocks = new ScoreBlocks(items, data.train().rows(), vectors)) {
            moments = ScoreMoments.of(blocks);
        }
        double[] parameters = new double[CLASSES * (CONCEPTS + 1)];
        for (int k = 0; k < CLASSES; k++) {
            for (int m = 0; m < CONCEPTS; m++) {
                parameters[k * (CONCEPTS + 1) + m] = scorer.map().weight(k, m);
            }
            parameters[k * (CONCEPTS + 1) + CONCEPTS] = scorer.map().bias(k);
        }
        double[] gradient = new double[parameters.length];
        try (ScoreRows all =
                ScoreRows.of(data.train(), vectors, moments.standardisation(), moments.gram(), ScoreRows.HELD_BYTES)) {
            all.lossAndGradient(parameters, gradient);
        }
        List<Double> ridges = Dial.Settings.forItems(2000).ridges();
        double worst = ridges.stream()
                .mapToDouble(ridge -> worstViolation(parameters, gradient, ridge))
                .min()
                .orElseThrow();
        // a stationary point on all rows for the ridge that was chosen: the solver stops at 1e-5
        assertThat(worst).isLessThan(1.1e-5);
    }

    private static double worstViolation(double[] parameters, double[] gradient, double ridge) {
        double worst = 0;
        for (int p = 0; p < parameters.length; p++) {
            boolean bias = p % (CONCEPTS + 1) == CONCEPTS;
            if (bias || parameters[p] != 0) {
                worst = Math.max(worst, Math.abs(gradient[p] + (bias ? 0 : ridge * parameters[p])));
            }
        }
        return worst;
    }

    @Test
    void theLinearProbeIsFittedOnAllRowsToo() {
        var fitter = new MethodFitter(ConceptConfig.defaults(), null, Progress.silent(), Cancellation.none(), 500);
        var whole = new MethodFitter(ConceptConfig.defaults(), null, Progress.silent(), Cancellation.none());
        assertThat(accuracy(fitter.linearProbe(data))).isCloseTo(accuracy(whole.linearProbe(data)), within(0.01));
    }

    private static double accuracy(Fit fit) {
        return Evaluation.of(
                        data.test().labels(),
                        fit.scorer().predict(items, data.test().rows()),
                        CLASSES)
                .accuracy();
    }

    @Test
    void rowsForTheFiltersAreSpreadOverAll() {
        int[] rows = IntStream.range(0, 10).map(i -> 3 * i).toArray();
        assertThat(ConceptTraining.spread(rows, 10)).isEqualTo(rows);
        assertThat(ConceptTraining.spread(rows, 9)).containsExactly(0, 6, 12, 18, 24);
        assertThat(ConceptTraining.spread(rows, 4)).containsExactly(0, 9, 18, 27);
        assertThat(ConceptTraining.spread(new int[0], 4)).isEmpty();
    }
}
