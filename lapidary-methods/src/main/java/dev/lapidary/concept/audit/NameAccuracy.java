package dev.lapidary.concept.audit;

import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.concept.explain.LabelledScores;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.runtime.InputException;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Judges by true labels whether the similarity of an image and a concept's name tells which images show the concept. */
public final class NameAccuracy {
    private static final int SHUFFLES = 5;

    private NameAccuracy() {}

    /**
     * Names of concepts with their embeddings.
     *
     * @param vectors of unit length [k, d]
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    public record Named(List<String> names, float[][] vectors) {}

    /**
     * Measures on one half of the images, with thresholds chosen on the other.
     *
     * @param images embeddings [n, d] of unit length
     * @param paths of the images, n
     * @param concepts k names with their embeddings
     * @param labels which must have a row for every path; names that have no column there are left out
     * @param seed draws the halves and the shuffled names
     * @throws InputException where there are fewer than 2 images, or no concept has labels
     */
    public static ConceptAccuracy measure(
            EmbeddingMatrix images, List<String> paths, Named concepts, ConceptLabels labels, long seed) {
        List<String> names = concepts.names();
        int[] labelled = IntStream.range(0, names.size())
                .filter(k -> labels.names().contains(names.get(k)))
                .toArray();
        List<String> known = Arrays.stream(labelled).mapToObj(names::get).toList();
        if (labelled.length == 0 || paths.size() < 2) {
            throw new InputException("at least 2 images and a concept must have labels; got " + paths.size()
                    + " images, and columns for " + labelled.length + " of the concepts");
        }
        byte[][] truth = truth(labels, paths, known);
        float[][] scores = new float[paths.size()][];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = scores(images.row(i), concepts.vectors(), labelled);
        }
        int[] order = new EpochOrder(seed, scores.length, 1).items(0);
        int half = scores.length / 2;
        return ConceptAccuracy.measure(
                known,
                part(scores, truth, Arrays.copyOf(order, half)),
                part(scores, truth, Arrays.copyOfRange(order, half, scores.length)),
                LongStream.range(seed, seed + SHUFFLES).toArray());
    }

    private static byte[][] truth(ConceptLabels labels, List<String> paths, List<String> names) {
        byte[][] all = labels.rows(paths);
        int[] columns = names.stream().mapToInt(labels.names()::indexOf).toArray();
        byte[][] truth = new byte[all.length][columns.length];
        for (int i = 0; i < all.length; i++) {
            for (int k = 0; k < columns.length; k++) {
                truth[i][k] = all[i][columns[k]];
            }
        }
        return truth;
    }

    /** Cosines of an image and some names. */
    private static float[] scores(float[] image, float[][] vectors, int[] some) {
        float[] scores = new float[some.length];
        for (int k = 0; k < some.length; k++) {
            for (int j = 0; j < image.length; j++) {
                scores[k] += image[j] * vectors[some[k]][j];
            }
        }
        return scores;
    }

    private static LabelledScores part(float[][] scores, byte[][] truth, int[] rows) {
        float[][] some = new float[rows.length][];
        byte[][] labels = new byte[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            some[i] = scores[rows[i]];
            labels[i] = truth[rows[i]];
        }
        return new LabelledScores(some, labels);
    }
}
