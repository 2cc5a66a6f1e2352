package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.HandMade;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two classes that look at the two coordinates, trained on items between 0 and 40 degrees. */
class PredictorTest {
    private static final ConceptScorer SCORER =
            HandMade.ofCoordinates(new double[][] {{4, 0}, {0, 4}}, new double[2], 2);
    private static final ConceptClassifier PLAIN = HandMade.classifier(
            SCORER, List.of("wide", "high"), List.of("x", "y"), new float[][] {{1, 0}, {0, 1}}, Map.of(), Map.of());
    private static final ConceptClassifier MODEL = PLAIN.withCalibration(
                    new Calibration(2, "some", "others", Collections.nCopies(99, 0.9), List.of()))
            .withSeenItems(seen());

    private static float[] at(double degrees) {
        double angle = Math.toRadians(degrees);
        return new float[] {(float) (2 * Math.cos(angle)), (float) (2 * Math.sin(angle))};
    }

    private static SeenItems seen() {
        float[][] rows = IntStream.range(0, 41).mapToObj(PredictorTest::at).toArray(float[][]::new);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
            return SeenItems.of(SCORER, items, IntStream.range(0, 41).toArray());
        }
    }

    private static Prediction predict(Predictor predictor, double degrees) {
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {at(degrees)})) {
            return predictor.predict(items, List.of("a")).getFirst();
        }
    }

    @Test
    void anItemFarFromTheTrainingIsLeftToAPerson() {
        Predictor predictor = Predictor.of(MODEL).withErrorRate(0.1);
        Prediction near = predict(predictor, 5);
        Prediction between = predict(predictor, 44);
        Prediction far = predict(predictor, 90);

        assertThat(near.predicted()).isEqualTo("wide");
        assertThat(near.set()).containsExactly("wide");
        assertThat(near.abstains()).isFalse();
        assertThat(near.text()).startsWith("id a\tclass wide\tprobability ").contains("\tset: wide\t");
        assertThat(between.set()).isEmpty(); // neither is likely enough
        assertThat(between.abstains()).isTrue();
        assertThat(far.predicted()).isEqualTo("high");
        assertThat(far.set()).containsExactly("high");
        assertThat(far.farFromTraining()).isTrue();
        assertThat(far.abstains()).isTrue();
        assertThat(far.text()).contains("\tabstains: far from the training items, else high\tFAR FROM TRAINING: ");
        assertThat(far.csv()).contains(",high,true,");
        assertThat(Prediction.setText(List.of("a", "b"), true)).isEqualTo("abstains: a or b");
    }

    @Test
    void saysWhatAServiceMustKnow() {
        Prediction found = predict(Predictor.of(MODEL).withConcepts(1), 5);

        double difference = (at(5)[0] - at(5)[1]) * 4;
        assertThat(found.id()).isEqualTo("a");
        assertThat(found.probability()).isCloseTo(1 / (1 + Math.exp(-difference)), within(1e-6));
        assertThat(found.calibratedProbability()).isCloseTo(1 / (1 + Math.exp(-difference / 2)), within(1e-6));
        assertThat(found.concepts()).singleElement().satisfies(part -> {
            assertThat(part.name()).isEqualTo("x");
            assertThat(part.contribution()).isCloseTo(4 * at(5)[0], within(1e-5));
        });
        assertThat(found.set()).isNull();
        assertThat(found.abstain()).isNull();
        assertThat(found.distance()).isEqualTo(seen().familiarity(at(5)).distance());
        assertThat(Predictor.of(MODEL).csvHead())
                .isEqualTo("id,class,probability,concepts,calibratedProbability,distance,distanceQuantile,far\n");
    }

    @Test
    void cellsThatASpreadsheetMayRunAreNamed() {
        Prediction plain = predict(Predictor.of(PLAIN), 5);
        assertThat(plain.formulas()).isEmpty();
        assertThat(with("=1+1", "@sum", List.of("-a", "b")).formulas()).containsExactly("=1+1", "@sum", "-a; b");
        assertThat(with("-12.5e3", "+7", List.of("-1")).formulas()).isEmpty();
        assertThat(with("-1+cmd", "a=b", null).formulas()).containsExactly("-1+cmd");
    }

    private static Prediction with(String id, String predicted, @Nullable List<String> set) {
        return new Prediction(id, predicted, 1, List.of(), null, set, null, null, null, null);
    }

    @Test
    void aValueOutsideThoseOfTheTrainingIsNoted() {
        Interventions far = Interventions.on(MODEL).apply(new Intervention.SetConcept("x", 200));
        assertThat(far.notes())
                .containsExactly(
                        "\"x\" is set to 200.0, but scores of the training items lie between 1.53 and 2.00: what the "
                                + "model says there was not learned");
        assertThat(Interventions.on(MODEL)
                        .apply(new Intervention.SetConcept("x", 1.8))
                        .notes())
                .isEmpty();
        assertThat(Interventions.on(PLAIN)
                        .apply(new Intervention.SetConcept("x", 200))
                        .notes())
                .isEmpty();
    }

    @Test
    void aModelWithoutCalibrationOrMemorySaysLess() {
        Prediction found = predict(Predictor.of(PLAIN), 90);

        assertThat(found.calibratedProbability()).isNull();
        assertThat(found.far()).isNull();
        assertThat(found.farFromTraining()).isFalse();
        assertThat(Predictor.of(PLAIN).csvHead()).isEqualTo("id,class,probability,concepts\n");
        assertThatThrownBy(() -> Predictor.of(PLAIN).withErrorRate(0.1))
                .isInstanceOf(InputException.class)
                .hasMessage("prediction sets need a calibrated model; got one without");
        assertThatThrownBy(() -> Predictor.of(MODEL).withErrorRate(1)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> Predictor.of(MODEL).withConcepts(-1))
                .hasMessage("concepts of a prediction must be at least 0; got -1");
    }
}
