package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Classifies by names alone: the class whose name's embedding has the largest cosine with the item's, the first of equals.
 *
 * <p>Shapes: items [n, d], names [K, d], of any length but 0. float64 inside.
 */
public final class ZeroShot {
    private ZeroShot() {}

    /** Returns the class of each of some rows of items. */
    public static int[] nearest(EmbeddingMatrix items, int[] rows, EmbeddingMatrix names) {
        float[][] vectors = new float[names.rows()][];
        Arrays.setAll(vectors, names::row);
        double[] lengths = Arrays.stream(vectors)
                .mapToDouble(v -> Math.sqrt(UnitVector.dot(v, v)))
                .toArray();
        int[] nearest = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            float[] item = items.row(rows[i]);
            double best = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < vectors.length; k++) {
                double similarity = UnitVector.dot(item, vectors[k]) / lengths[k];
                if (similarity > best) {
                    best = similarity;
                    nearest[i] = k;
                }
            }
        }
        return nearest;
    }

    /** Returns the share of labelled images to which their own class is the nearest; empty where none has a label. */
    public static OptionalDouble accuracy(EncodedImages images, List<String> classes, EmbeddingMatrix names) {
        int[] rows = new int[images.items().size()];
        Arrays.setAll(rows, i -> i);
        int[] nearest = nearest(images.embeddings(), rows, names);
        int labelled = 0;
        int right = 0;
        for (int i = 0; i < rows.length; i++) {
            Optional<String> label = images.items().get(i).label();
            if (label.isPresent()) {
                labelled++;
                right += classes.get(nearest[i]).equals(label.get()) ? 1 : 0;
            }
        }
        return labelled == 0 ? OptionalDouble.empty() : OptionalDouble.of(right / (double) labelled);
    }
}
