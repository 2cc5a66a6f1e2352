package dev.lapidary.concept.classifier;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives every class a score from an item's embedding; the largest wins, the first of equals. */
public sealed interface ClassScorer permits ConceptScorer, SearchScorer {
    /** Number of classes K. */
    int classes();

    /** NEC: concepts that decide, per class. */
    double nec();

    /** Class scores [n, K] of the given rows of items [N, d], or of all where rows is null. */
    double[][] logits(EmbeddingMatrix items, int @Nullable [] rows);

    /** The tensors that restore it, each name with a prefix; vectors that are the shared ones are not repeated. */
    List<TensorView> tensors(String prefix, float[][] shared);

    /** Restores what {@link #tensors} gave for embeddings of a width. */
    static ClassScorer restore(Map<String, TensorView> tensors, String prefix, float[][] shared, int width) {
        return tensors.containsKey(prefix + "weight")
                ? ConceptScorer.restore(tensors, prefix, shared, width)
                : SearchScorer.restore(tensors, prefix, width);
    }

    /** Predicted classes [n] of the given rows, or of all. */
    default int[] predict(EmbeddingMatrix items, int @Nullable [] rows) {
        double[][] z = logits(items, rows);
        int[] predicted = new int[z.length];
        for (int i = 0; i < z.length; i++) {
            predicted[i] = largest(z[i]);
        }
        return predicted;
    }

    /** Refuses class scores [n, K] that are NaN, of which none is the largest. */
    static double[][] requireNumbers(double[][] z) {
        for (int i = 0; i < z.length; i++) {
            for (double score : z[i]) {
                if (Double.isNaN(score)) {
                    throw new InputException("class scores must be numbers; got NaN for item " + (i + 1));
                }
            }
        }
        return z;
    }

    /** Index of the largest value, the first of equals. */
    static int largest(double[] values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            if (values[k] > values[best]) {
                best = k;
            }
        }
        return best;
    }
}
