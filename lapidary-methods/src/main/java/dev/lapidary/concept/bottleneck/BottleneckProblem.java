package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link BottleneckMethod} fits: one seed's items, the vectors in whose place concepts stand, and how it was asked to fit.
 *
 * <p>Test items stay out of reach: curves over them are drawn after everything is chosen. Shapes: items [N, d], vectors [M, d] and class
 * names [K, d] of unit length.
 */
public final class BottleneckProblem {
    private final SeedData data;
    private final float[][] vectors; // [M, d]
    private final Setup setup;

    BottleneckProblem(SeedData data, float[][] vectors, Setup setup) {
        this.data = data;
        this.vectors = vectors;
        this.setup = setup;
    }

    /**
     * What is the same for all fits of a training.
     *
     * @param classVectors of the class names [K, d], null where they are unknown
     * @param pathRows rows of each part on which the dial is walked
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Setup(
            ConceptConfig config,
            float @Nullable [][] classVectors,
            Progress progress,
            Cancellation cancellation,
            int pathRows) {
        float[][] requireClassVectors() {
            if (classVectors == null) {
                throw new InputException(
                        "class names must have embeddings; got items embedded by an encoder that is not at hand: name it with --encoder");
            }
            return classVectors;
        }
    }

    /** Learns a map from scores to classes, from whose weights others may tell which concepts matter. */
    @FunctionalInterface
    public interface Guide {
        /** Returns a map on the scores of training items, which are closed afterwards. */
        NamedMap map(ScoreRows training);
    }

    /** Returns the embeddings of all items [N, d]. */
    public EmbeddingMatrix items() {
        return data.items();
    }

    /** Returns the rows to learn from, with what each counts where classes are balanced. */
    public ScoreRows.Part training() {
        return data.train();
    }

    /** Returns the rows to choose on. */
    public ScoreRows.Part validation() {
        return data.validation();
    }

    /** Returns the vectors whose cosines with an item are its scores [M, d]. */
    public float[][] vectors() {
        return vectors;
    }

    /**
     * Returns the vectors of the class names [K, d].
     *
     * @throws InputException where they are unknown
     */
    public float[][] classVectors() {
        return setup.requireClassVectors();
    }

    /** Returns the number of concepts M. */
    public int concepts() {
        return vectors.length;
    }

    /** Returns the number of classes K. */
    public int classes() {
        return data.classes();
    }

    /** Returns the seed of everything that is drawn. */
    public long seed() {
        return data.seed();
    }

    /** Whether the published form is asked for. */
    public boolean faithful() {
        return setup.config().faithful();
    }

    /** Returns the most effective concepts per class; empty where they are to be chosen on validation items. */
    public OptionalDouble nec() {
        return setup.config().nec();
    }

    /** Returns where to report how far it is. */
    public Progress progress() {
        return setup.progress();
    }

    /** Returns what asks to stop. */
    public Cancellation cancellation() {
        return setup.cancellation();
    }

    /** Returns the share of validation items that a classifier has right. */
    public double accuracy(ClassScorer scorer) {
        int[] predicted = scorer.predict(items(), validation().rows());
        return Evaluation.of(validation().labels(), predicted, classes()).accuracy();
    }

    /**
     * Fits by the dial: a map for every number of concepts, of which the one at {@link #nec} is taken. Concepts that the guide leans on
     * get in more easily: their l1 penalty is weighed by 1/(|D|/mean |D| + 0.1) with the guide's map D, as in the adaptive lasso.
     *
     * @param guide sees standardised scores, of mean 0 and deviation 1 over the training items; of a sample where there are many
     */
    public Fit dial(Guide guide) {
        ScoreMoments moments = DialFit.moments(data, vectors);
        SeedData sample = data.sampled(setup.pathRows());
        try (DialFit.Parts parts = DialFit.parts(sample, vectors, moments)) {
            NamedMap map = guide.map(parts.train());
            DialFit dial = new DialFit(data, parts, setup);
            DialFit.Chosen chosen = dial.choose(JointTraining.penaltyWeights(map));
            if (DialFit.larger(data, sample)) {
                try (ScoreRows all = DialFit.train(data, vectors, moments)) {
                    chosen = dial.refitted(chosen, all);
                }
            }
            var scorer = new ConceptScorer(
                    vectors, moments.standardisation(), null, chosen.map(classes()), items().width());
            return chosen.fit(scorer, DialFit.dropped(moments));
        }
    }

    /**
     * Takes the guide's map as the classifier, cut to the largest weights where {@link #nec} asks for it, as published.
     *
     * @param guide sees scores of 100·cos, neither centred nor scaled
     */
    public Fit published(Guide guide) {
        NamedMap map;
        var scale = Standardisation.published(vectors.length);
        try (ScoreRows train = ScoreRows.of(data.train(), vectors, scale, new double[0], ScoreRows.HELD_BYTES)) {
            map = guide.map(train);
        }
        if (nec().isPresent()) {
            map = map.truncatedTo(nec().getAsDouble());
        }
        var scorer = new ConceptScorer(vectors, scale, null, map, items().width());
        return Fit.of(scorer, accuracy(scorer), 0);
    }

    SeedData data() {
        return data;
    }

    Setup setup() {
        return setup;
    }
}
