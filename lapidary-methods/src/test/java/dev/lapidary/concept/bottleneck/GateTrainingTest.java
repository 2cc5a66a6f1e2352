package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GateTrainingTest {
    private static GoldenRows rows;

    @BeforeAll
    static void open() {
        rows = new GoldenRows();
    }

    @AfterAll
    static void close() {
        rows.close();
    }

    @Test
    void theGradientIsThatOfTheLoss() {
        try (Arena arena = Arena.ofShared()) {
            GateTraining training = new GateTraining(rows.train, 7, arena);
            Random random = new Random(8);
            double[] at = training.parameters;
            for (int p = 0; p < at.length; p++) {
                at[p] += 0.5 * random.nextGaussian();
            }
            training.lossAndGradient(3);
            double[] gradient = training.gradient.clone();
            double h = 1e-6;
            for (int p = 0; p < at.length; p++) {
                double kept = at[p];
                at[p] = kept + h;
                double above = training.lossAndGradient(3);
                at[p] = kept - h;
                double below = training.lossAndGradient(3);
                at[p] = kept;
                assertThat(gradient[p]).as("parameter " + p).isEqualTo((above - below) / (2 * h), within(1e-7));
            }
        }
    }

    @Test
    void trainingLowersTheLossAndClosesGatesToExactZeros() {
        try (Arena arena = Arena.ofShared()) {
            GateTraining training = new GateTraining(rows.train, 7, arena);
            double before = training.lossAndGradient(0);
            for (int step = 0; step < 100; step++) {
                training.step(step);
            }
            assertThat(training.lossAndGradient(0)).isLessThan(before - 0.3);
        }
        ConceptGates gates = GateTraining.train(rows.train, 7, Progress.silent(), new Cancellation());
        ConceptGates again = GateTraining.train(rows.train, 7, Progress.silent(), new Cancellation());
        assertThat(again.slope()).isEqualTo(gates.slope());
        assertThat(again.offset()).isEqualTo(gates.offset());
        var scorer = new ConceptScorer(
                rows.vectors,
                rows.moments.standardisation(),
                gates,
                NamedMap.zero(GoldenRows.CLASSES, GoldenRows.CONCEPTS),
                rows.items.width());
        int zero = 0;
        int open = 0;
        for (int i = 0; i < rows.items.rows(); i++) {
            double[] scores = scorer.scores(rows.items.row(i));
            for (int m = 0; m < scores.length; m++) {
                double gate = gates.gate(m, scores[m]);
                assertThat(gate).isBetween(0.0, 1.0);
                zero += gate == 0 ? 1 : 0;
                open += gate == 1 ? 1 : 0;
            }
        }
        assertThat(zero).isPositive();
        assertThat(zero + open).isLessThan(120 * GoldenRows.CONCEPTS); // and some let a part through
    }

    @Test
    void unscalingAMapKeepsItsLogits() {
        double[] slope = new double[GoldenRows.CONCEPTS];
        double[] offset = new double[GoldenRows.CONCEPTS];
        for (int m = 0; m < slope.length; m++) {
            slope[m] = 1 + 0.1 * m;
            offset[m] = m == 5 ? -60 : 0.2 * (m - 12); // concept 5 is closed for everybody
        }
        var gates = new ConceptGates(slope, offset);
        var passed = PassedScores.fit(rows.trainPart, rows.vectors, rows.moments.standardisation(), gates);
        Random random = new Random(3);
        double[] parameters = new double[GoldenRows.CLASSES * (GoldenRows.CONCEPTS + 1)];
        for (int p = 0; p < parameters.length; p++) {
            parameters[p] = random.nextGaussian();
        }
        NamedMap map = passed.unscaled(DialFit.map(parameters, GoldenRows.CLASSES));
        var scorer = new ConceptScorer(rows.vectors, rows.moments.standardisation(), gates, map, rows.others.width());
        double[][] logits = scorer.logits(rows.others, null);
        for (int k = 0; k < GoldenRows.CLASSES; k++) {
            assertThat(map.weight(k, 5)).isZero();
        }
        double loss = 0;
        int right = 0;
        for (int i = 0; i < logits.length; i++) {
            double sum = 0;
            for (double z : logits[i]) {
                sum += Math.exp(z);
            }
            int label = rows.testPart.labels()[i];
            loss += (Math.log(sum) - logits[i][label]) / logits.length;
            right += ClassScorer.largest(logits[i]) == label ? 1 : 0;
        }
        try (ScoreRows features = passed.rows(rows.testPart)) {
            Dial.Quality quality = features.judge(parameters);
            assertThat(quality.loss()).isEqualTo(loss, within(1e-4));
            assertThat(quality.accuracy()).isEqualTo((double) right / logits.length, within(1e-9));
        }
    }
}
