package dev.lapidary.concept.explain;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.calibration.PredictionSet;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.Familiarity;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Says the class of items, with what a service must know to trust it: the concepts that matter most, the calibrated probability, the
 * prediction set of an error rate, the distance to the training items, and whether to leave the item to a person.
 *
 * <p>Holds no native memory. Immutable, for any number of threads.
 */
public final class Predictor {
    private static final int CONCEPTS = 3;

    private final ConceptClassifier model;
    private final Explainer explainer;
    private final int concepts;
    private final Optional<ConformalSets> sets;

    private Predictor(ConceptClassifier model, Explainer explainer, int concepts, Optional<ConformalSets> sets) {
        this.model = model;
        this.explainer = explainer;
        this.concepts = concepts;
        this.sets = sets;
    }

    /** Predicts with a classifier, names three concepts an item, and gives no sets. */
    public static Predictor of(ConceptClassifier model) {
        return new Predictor(model, Explainer.of(model), CONCEPTS, Optional.empty());
    }

    /** The same with another number of concepts, those with the largest contributions. */
    public Predictor withConcepts(int most) {
        if (most < 0) {
            throw new InputException("concepts of a prediction must be at least 0; got " + most);
        }
        return new Predictor(model, explainer, most, sets);
    }

    /**
     * The same with prediction sets: for at most this share of items on average the set lacks the true class.
     *
     * @throws InputException where the model has no calibration, or the rate is not above 0 and below 1
     */
    public Predictor withErrorRate(double rate) {
        ConformalSets.requireRate(rate);
        Calibration calibration = model.calibration()
                .orElseThrow(() -> new InputException("prediction sets need a calibrated model; got one without"));
        return new Predictor(model, explainer, concepts, Optional.of(calibration.sets(rate)));
    }

    /** The prediction sets that are asked for. */
    public Optional<ConformalSets> sets() {
        return sets;
    }

    /**
     * Predicts texts, whose ids are their positions from 0.
     *
     * @param encoder the one of the training
     */
    public List<Prediction> predict(TextEncoder encoder, List<String> texts) {
        try (EncodedTexts encoded = model.encode(encoder, texts, Progress.silent())) {
            return predict(
                    encoded.embeddings(),
                    IntStream.range(0, texts.size()).mapToObj(Integer::toString).toList());
        }
    }

    /** Predicts embeddings [n, d] with ids [n]. */
    public List<Prediction> predict(EmbeddingMatrix items, List<String> ids) {
        double[][] logits = model.scorer().logits(items, null);
        List<Prediction> predictions = new ArrayList<>(logits.length);
        for (int i = 0; i < logits.length; i++) {
            predictions.add(predict(ids.get(i), items.row(i), logits[i]));
        }
        return predictions;
    }

    private Prediction predict(String id, float[] item, double[] logits) {
        int best = ClassScorer.largest(logits);
        List<Prediction.Part> parts = concepts == 0
                ? List.of()
                : explainer.contributions(item, model.classes().get(best)).stream()
                        .limit(concepts)
                        .map(Prediction.Part::of)
                        .toList();
        double @Nullable [] probabilities =
                model.calibration().map(c -> c.probabilities(logits)).orElse(null);
        @Nullable
        PredictionSet set = probabilities == null
                ? null
                : sets.map(asked -> asked.set(probabilities)).orElse(null);
        @Nullable
        Familiarity familiarity =
                model.seenItems().map(seen -> seen.familiarity(item)).orElse(null);
        return new Prediction(
                id,
                model.classes().get(best),
                probability(logits, best),
                parts,
                probabilities == null ? null : (Double) probabilities[best],
                set == null ? null : set.names(model.classes()),
                set == null ? null : (Boolean) abstains(set, familiarity),
                familiarity == null ? null : (Double) familiarity.distance(),
                familiarity == null ? null : (Double) familiarity.quantile(),
                familiarity == null ? null : (Boolean) familiarity.far());
    }

    /** Whether an item should be left to a person: the set holds no class or several, or the item is unlike those of the training. */
    public static boolean abstains(PredictionSet set, @Nullable Familiarity familiarity) {
        return set.abstain() || familiarity != null && familiarity.far();
    }

    /** The softmax of logits at a class. */
    public static double probability(double[] logits, int classIndex) {
        double sum = 0;
        for (double z : logits) {
            sum += Math.exp(z - logits[classIndex]);
        }
        return 1 / sum;
    }

    /** The head of a CSV file of these predictions, with a line feed, see {@link Prediction#csv}. */
    public String csvHead() {
        return "id,class,probability,concepts"
                + (model.calibration().isPresent() ? ",calibratedProbability" : "")
                + (sets.isPresent() ? ",set,abstain" : "")
                + (model.seenItems().isPresent() ? ",distance,distanceQuantile,far" : "")
                + "\n";
    }
}
