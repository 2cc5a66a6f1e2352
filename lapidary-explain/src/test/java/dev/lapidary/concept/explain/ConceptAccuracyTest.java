package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.explain.ConceptAccuracy.Figures;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ConceptAccuracyTest {
    private static final byte NO = LabelledScores.UNKNOWN;

    /** Scores and labels of one concept. */
    private static LabelledScores column(double[] scores, int... labels) {
        float[][] s = new float[scores.length][1];
        byte[][] l = new byte[scores.length][1];
        for (int i = 0; i < scores.length; i++) {
            s[i][0] = (float) scores[i];
            l[i][0] = (byte) labels[i];
        }
        return new LabelledScores(s, l);
    }

    private static Figures one(LabelledScores validation, LabelledScores test) {
        return ConceptAccuracy.measure(List.of("x"), validation, test)
                .concepts()
                .getFirst();
    }

    private static double[] scores(double... scores) {
        return scores;
    }

    /** Labels drawn with a share, scores of the label plus noise rounded so that many are equal. */
    private static LabelledScores drawn(int items, int concepts, double share, double noise, long seed) {
        Random random = new Random(seed);
        float[][] scores = new float[items][concepts];
        byte[][] labels = new byte[items][concepts];
        for (int i = 0; i < items; i++) {
            for (int k = 0; k < concepts; k++) {
                labels[i][k] = (byte) (random.nextDouble() < share ? 1 : 0);
                scores[i][k] = Math.round(4 * (labels[i][k] + noise * random.nextGaussian())) / 4f;
            }
        }
        return new LabelledScores(scores, labels);
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(k -> "concept " + k).toList();
    }

    @Test
    void thresholdIsChosenOnValidationAndJudgedOnTest() {
        LabelledScores validation = column(scores(0.1, 0.4, 0.35, 0.8), 0, 0, 1, 1);
        LabelledScores test = column(scores(0.225, 0.3, 0.2, 0.9, 0.9), 1, 0, 0, 1, 1);

        Figures x = one(validation, test);

        assertThat(x.threshold()).isCloseTo(0.225, within(1e-7)); // above 0.6 is as good, and higher
        assertThat(x.share()).isEqualTo(0.6);
        assertThat(x.balancedAccuracy()).isCloseTo(0.5 * (2.0 / 3 + 0.5), within(1e-12));
        assertThat(x.rocArea()).isCloseTo(5.0 / 6, within(1e-12)); // 0.225 against 0.3 alone is lost
        assertThat(x.counted()).isTrue();
    }

    @Test
    void areaOfAKnownExampleAndOfTies() {
        assertThat(column(scores(0.1, 0.4, 0.35, 0.8), 0, 0, 1, 1).column(0, 0).rocArea())
                .isEqualTo(0.75); // the example of scikit-learn's roc_auc_score
        assertThat(column(scores(0.5, 0.5, 0.5, 1), 0, 1, 0, 1).column(0, 0).rocArea())
                .isEqualTo(0.75);
        assertThat(column(scores(3, 2, 1), 0, 0, 1).column(0, 0).rocArea()).isZero();
    }

    @Test
    void constantScoresAreWorthACoin() {
        LabelledScores constant = column(scores(2, 2, 2, 2), 1, 0, 1, 0);

        Figures x = one(constant, constant);

        assertThat(x.threshold()).isNegative().isInfinite();
        assertThat(x.balancedAccuracy()).isEqualTo(0.5);
        assertThat(x.rocArea()).isEqualTo(0.5);
    }

    @Test
    void reversedScoresCannotBeTurned() {
        LabelledScores reversed = column(scores(1, 2, 3, 4), 1, 1, 0, 0);

        assertThat(one(reversed, reversed).balancedAccuracy()).isEqualTo(0.5);
        assertThat(one(reversed, reversed).rocArea()).isZero();
    }

    @Test
    void absentConceptsHaveNoFiguresAndDoNotCount() {
        LabelledScores seen = column(scores(1, 2, 3, 4), 0, 0, 1, 1);
        LabelledScores absent = column(scores(1, 2, 3, 4), 0, 0, 0, 0);
        LabelledScores unknown = column(scores(1, 2, 3, 4), NO, NO, NO, NO);

        Figures notInTest = one(seen, absent);
        Figures notInValidation = one(absent, seen);
        Figures nowhere = one(unknown, unknown);

        assertThat(notInTest.threshold()).isEqualTo(2.5);
        assertThat(notInTest.share()).isZero();
        assertThat(List.of(notInTest.balancedAccuracy(), notInTest.rocArea())).containsOnly(Double.NaN);
        assertThat(List.of(notInValidation.threshold(), notInValidation.balancedAccuracy()))
                .containsOnly(Double.NaN);
        assertThat(notInValidation.rocArea()).isEqualTo(1);
        assertThat(nowhere.share()).isNaN();
        assertThat(List.of(notInTest.counted(), notInValidation.counted(), nowhere.counted()))
                .containsOnly(false);
        ConceptAccuracy none = ConceptAccuracy.measure(List.of("x"), seen, absent, 1);
        assertThat(none.counted()).isZero();
        assertThat(List.of(none.balancedAccuracy(), none.low(), none.high(), none.shuffledBalancedAccuracy()))
                .containsOnly(Double.NaN);
        assertThat(none.shuffled()).isEmpty();
        assertThat(none.text())
                .isEqualTo("concepts: none of 1 is shown by 10.0 % to 90.0 % of the test items; no accuracy\n");
    }

    @Test
    void unknownLabelsDoNotCount() {
        LabelledScores known = column(scores(1, 2, 4, 5), 0, 0, 1, 1);
        LabelledScores gaps = column(scores(1, 9, 2, 4, -9, 5), 0, NO, 0, 1, NO, 1);

        assertThat(one(gaps, gaps)).isEqualTo(one(known, known));
        assertThat(one(gaps, gaps).threshold()).isEqualTo(3);
    }

    @Test
    void onlyConceptsThatATenthToNineTenthsShowCount() {
        int[] shown = {0, 1, 2, 10, 18, 19, 20}; // of 20 test items
        float[][] scores = new float[20][shown.length];
        byte[][] labels = new byte[20][shown.length];
        for (int i = 0; i < 20; i++) {
            for (int k = 0; k < shown.length; k++) {
                labels[i][k] = (byte) (i < shown[k] ? 1 : 0);
                scores[i][k] = k == 3 ? labels[i][k] : 0; // one is known, the others are constant
            }
        }
        LabelledScores items = new LabelledScores(scores, labels);

        ConceptAccuracy accuracy = ConceptAccuracy.measure(names(shown.length), items, items);

        assertThat(accuracy.concepts())
                .extracting(Figures::counted)
                .containsExactly(false, false, true, true, true, false, false);
        assertThat(accuracy.counted()).isEqualTo(3);
        assertThat(accuracy.balancedAccuracy()).isCloseTo((0.5 + 1 + 0.5) / 3, within(1e-12));
        assertThat(accuracy.rocArea()).isCloseTo((0.5 + 1 + 0.5) / 3, within(1e-12));
    }

    /** Counts pairs and tries every threshold, one by one. */
    @Test
    void figuresAreThoseOfCountingEveryPair() {
        LabelledScores validation = drawn(70, 6, 0.4, 0.8, 1);
        LabelledScores test = drawn(90, 6, 0.4, 0.8, 2);
        List<Figures> figures =
                ConceptAccuracy.measure(names(6), validation, test).concepts();
        for (int k = 0; k < 6; k++) {
            double best = 0;
            double threshold = Double.NaN;
            for (double t = -5.125; t < 5; t += 0.25) { // between all possible scores
                double accuracy = countedAccuracy(validation, k, t);
                if (accuracy > best + 1e-12) {
                    best = accuracy;
                    threshold = t;
                }
            }
            assertThat(best).isGreaterThan(0.6);
            assertThat(countedAccuracy(validation, k, figures.get(k).threshold()))
                    .isCloseTo(best, within(1e-12));
            assertThat(figures.get(k).threshold()).isCloseTo(threshold, within(0.5));
            assertThat(figures.get(k).balancedAccuracy())
                    .isCloseTo(countedAccuracy(test, k, figures.get(k).threshold()), within(1e-12));
            assertThat(figures.get(k).rocArea()).isCloseTo(countedArea(test, k), within(1e-12));
        }
    }

    private static double countedAccuracy(LabelledScores items, int k, double threshold) {
        double[] right = new double[2];
        double[] all = new double[2];
        for (int i = 0; i < items.items(); i++) {
            int label = items.labels()[i][k];
            all[label]++;
            right[label] += items.scores()[i][k] > threshold == (label == 1) ? 1 : 0;
        }
        return 0.5 * (right[0] / all[0] + right[1] / all[1]);
    }

    private static double countedArea(LabelledScores items, int k) {
        double wins = 0;
        int pairs = 0;
        for (int i = 0; i < items.items(); i++) {
            for (int j = 0; j < items.items(); j++) {
                if (items.labels()[i][k] == 1 && items.labels()[j][k] == 0) {
                    pairs++;
                    wins += 0.5 + 0.5 * Math.signum(items.scores()[i][k] - items.scores()[j][k]);
                }
            }
        }
        return wins / pairs;
    }

    /** For one concept the interval of the bootstrap is close to the normal one of two independent shares. */
    @Test
    void intervalHasTheWidthOfTheNormalOne() {
        LabelledScores items = drawn(1_000, 1, 0.3, 0.7, 3);
        Figures x = one(items, items);
        double[] counts = new double[4];
        for (int i = 0; i < items.items(); i++) {
            counts[2 * items.labels()[i][0] + (items.scores()[i][0] > x.threshold() ? 1 : 0)]++;
        }
        double absent = counts[0] + counts[1];
        double present = counts[2] + counts[3];
        double variance = 0.25
                * (counts[0] * counts[1] / (absent * absent * absent)
                        + counts[2] * counts[3] / (present * present * present));
        double half = 1.96 * Math.sqrt(variance);

        ConceptAccuracy accuracy = ConceptAccuracy.measure(List.of("x"), items, items);

        assertThat(accuracy.balancedAccuracy()).isEqualTo(x.balancedAccuracy());
        assertThat(accuracy.low()).isCloseTo(x.balancedAccuracy() - half, within(0.15 * half));
        assertThat(accuracy.high()).isCloseTo(x.balancedAccuracy() + half, within(0.15 * half));
    }

    /** Items are drawn whole: concepts that are copies of one another make the interval no narrower. */
    @Test
    void copiesOfAConceptDoNotNarrowTheInterval() {
        LabelledScores items = drawn(300, 1, 0.5, 1, 4);
        float[][] scores = Arrays.stream(items.scores())
                .map(row -> new float[] {row[0], row[0], row[0]})
                .toArray(float[][]::new);
        byte[][] labels = Arrays.stream(items.labels())
                .map(row -> new byte[] {row[0], row[0], row[0]})
                .toArray(byte[][]::new);
        LabelledScores copies = new LabelledScores(scores, labels);

        ConceptAccuracy one = ConceptAccuracy.measure(List.of("x"), items, items);
        ConceptAccuracy three = ConceptAccuracy.measure(names(3), copies, copies);

        assertThat(three.low()).isCloseTo(one.low(), within(1e-12));
        assertThat(three.high()).isCloseTo(one.high(), within(1e-12));
        assertThat(one.low()).isLessThan(one.balancedAccuracy() - 0.02);
    }

    @Test
    void shuffledNamesAreWorthACoin() {
        LabelledScores validation = drawn(2_000, 12, 0.4, 0.2, 5);
        LabelledScores test = drawn(2_000, 12, 0.4, 0.2, 6);

        ConceptAccuracy accuracy = ConceptAccuracy.measure(names(12), validation, test, 0, 1, 2);

        assertThat(accuracy.balancedAccuracy()).isGreaterThan(0.95);
        assertThat(accuracy.shuffledBalancedAccuracy()).isBetween(0.48, 0.52);
        assertThat(accuracy.shuffled()).extracting(ShuffledNames::seed).containsExactly(0L, 1L, 2L);
        for (ShuffledNames control : accuracy.shuffled()) {
            assertThat(control.concepts()).isEqualTo(names(12));
            assertThat(control.standIns()).containsExactlyInAnyOrderElementsOf(names(12));
            assertThat(control.rocArea()).isBetween(0.47, 0.53);
            assertThat(control.dependent()).isEmpty();
            for (int k = 0; k < 12; k++) {
                assertThat(control.standIns().get(k))
                        .isNotEqualTo(control.concepts().get(k));
            }
        }
        assertThat(accuracy.shuffled().get(0).standIns())
                .isNotEqualTo(accuracy.shuffled().get(1).standIns());
        assertThat(ConceptAccuracy.measure(names(12), validation, test, 1)
                        .shuffled()
                        .getFirst())
                .isEqualTo(accuracy.shuffled().get(1));
        assertThat(accuracy.text().lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("shuffled names: balanced accuracy ")
                .endsWith("; mean of 3 seeds");
    }

    /** Concepts 2c and 2c + 1 have equal labels: a free shuffle would pair some, and be right. */
    @Test
    void standInsOfDependentConceptsAreAvoided() {
        LabelledScores free = drawn(1_000, 6, 0.5, 0.1, 7);
        LabelledScores twins = new LabelledScores(
                Arrays.stream(free.scores()).map(ConceptAccuracyTest::paired).toArray(float[][]::new),
                Arrays.stream(free.labels()).map(ConceptAccuracyTest::paired).toArray(byte[][]::new));
        for (long seed = 0; seed < 20; seed++) {
            ShuffledNames control = ConceptAccuracy.measure(names(6), twins, twins, seed)
                    .shuffled()
                    .getFirst();
            assertThat(control.dependent()).isEmpty();
            assertThat(control.balancedAccuracy()).isBetween(0.48, 0.56); // judged on the items that chose
        }
    }

    private static float[] paired(float[] row) {
        return new float[] {row[0], row[0], row[2], row[2], row[4], row[4]};
    }

    private static byte[] paired(byte[] row) {
        return new byte[] {row[0], row[0], row[2], row[2], row[4], row[4]};
    }

    /** Of the two permutations of three without fixed points, both pair the equal ones once. */
    @Test
    void whatCannotBeIndependentIsSaid() {
        LabelledScores free = drawn(800, 3, 0.5, 0.1, 8);
        LabelledScores items = new LabelledScores(
                Arrays.stream(free.scores())
                        .map(row -> new float[] {row[0], row[0], row[2]})
                        .toArray(float[][]::new),
                Arrays.stream(free.labels())
                        .map(row -> new byte[] {row[0], row[0], row[2]})
                        .toArray(byte[][]::new));

        ConceptAccuracy accuracy = ConceptAccuracy.measure(List.of("red", "scarlet", "round"), items, items, 5);

        assertThat(accuracy.shuffled().getFirst().dependent()).singleElement().satisfies(pair -> {
            assertThat(List.of(pair.concept(), pair.standIn())).containsExactlyInAnyOrder("red", "scarlet");
            assertThat(pair.phi()).isCloseTo(1, within(1e-12));
        });
        assertThat(accuracy.text())
                .containsPattern("shuffled names: \"(red|scarlet)\" for \"(red|scarlet)\" could not be kept independent"
                        + " \\(phi \\+1\\.00, seed 5\\)\n");
    }

    @Test
    void phiOfAKnownTable() {
        // both 3, only the first 1, only the second 2, neither 4: (3 * 4 - 1 * 2) / sqrt(4 * 6 * 5 * 5)
        int[][] rows = {{1, 1}, {1, 1}, {1, 1}, {1, 0}, {0, 1}, {0, 1}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {1, NO}, {NO, 1}
        };
        byte[][] labels = Arrays.stream(rows)
                .map(row -> new byte[] {(byte) row[0], (byte) row[1], 0})
                .toArray(byte[][]::new);
        LabelDependence dependence = new LabelDependence(new LabelledScores(new float[12][3], labels));

        assertThat(dependence.phi(0, 1)).isCloseTo(10 / Math.sqrt(600), within(1e-12));
        assertThat(dependence.phi(1, 0)).isEqualTo(dependence.phi(0, 1));
        assertThat(dependence.phi(0, 0)).isEqualTo(1);
        assertThat(dependence.phi(0, 2)).isZero();
    }

    @Test
    void phiIsTheCorrelationOverManyWords() {
        LabelledScores items = drawn(1_000, 2, 0.3, 1, 9);
        double[] a =
                IntStream.range(0, 1_000).mapToDouble(i -> items.labels()[i][0]).toArray();
        double[] b =
                IntStream.range(0, 1_000).mapToDouble(i -> items.labels()[i][1]).toArray();

        assertThat(new LabelDependence(items).phi(0, 1)).isCloseTo(correlation(a, b), within(1e-12));
    }

    private static double correlation(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void sizesThatDoNotFitAreOneLine() {
        LabelledScores two = drawn(5, 2, 0.5, 1, 11);
        LabelledScores three = drawn(5, 3, 0.5, 1, 11);

        refused(
                () -> ConceptAccuracy.measure(names(2), two, three),
                "scores must be of as many concepts as there are names, 2; got 2 on validation items and 3 on test items");
        refused(() -> ConceptAccuracy.measure(List.of(), two, two), "concepts must be from 1 to 1000; got 0");
        refused(
                () -> ConceptAccuracy.measure(List.of("a", "a"), two, two),
                "concept names must be distinct; got [a, a]");
        refused(
                () -> new LabelledScores(new float[2][1], new byte[3][1]),
                "scores and labels must be of the same items, at least 1; got 2 and 3");
        refused(() -> new LabelledScores(new float[0][], new byte[0][]), "at least 1; got 0 and 0");
        refused(
                () -> new LabelledScores(new float[][] {{1, 2}, {3}}, new byte[2][2]),
                "scores and labels must be of the same concepts for every item, 2; got 1 and 2 for item 2");
        refused(() -> new LabelledScores(new float[2][2], new byte[][] {{1, 1}, {0}}), "2; got 2 and 1 for item 2");
        refused(
                () -> new LabelledScores(new float[][] {{0, Float.NaN}}, new byte[1][2]),
                "scores must be finite; got NaN for item 1, concept 2");
        refused(
                () -> new LabelledScores(new float[1][1], new byte[][] {{2}}),
                "labels must be 1, 0 or -1; got 2 for item 1, concept 1");
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageContaining(message);
    }
}
