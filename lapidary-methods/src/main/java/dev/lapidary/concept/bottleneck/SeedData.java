package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import org.jspecify.annotations.Nullable;

/**
 * What one seed learns from and is judged on: items with labels, divided into disjoint parts.
 *
 * @param items embeddings [N, d]
 * @param train rows to learn from, with what each row counts where classes are balanced
 * @param validation rows to choose on
 * @param test rows to report on
 */
record SeedData(
        EmbeddingMatrix items, ScoreRows.Part train, ScoreRows.Part validation, ScoreRows.Part test, long seed) {
    static SeedData of(Dataset data, EmbeddingMatrix items, Split split, ConceptConfig.Balance balance) {
        int[] trainLabels = labels(data, split.train());
        int classes = data.classes().size();
        float[] weights = weights(trainLabels, classes, balance);
        return new SeedData(
                items,
                new ScoreRows.Part(items, split.train(), trainLabels, weights, classes),
                new ScoreRows.Part(items, split.validation(), labels(data, split.validation()), null, classes),
                new ScoreRows.Part(items, split.test(), labels(data, split.test()), null, classes),
                split.seed());
    }

    int classes() {
        return train.classes();
    }

    /** Draws about {@code most} rows of every part that has more; see {@link ScoreRows.Part#atMost}. */
    SeedData sampled(int most) {
        return new SeedData(
                items, train.atMost(most, seed), validation.atMost(most, seed), test.atMost(most, seed), seed);
    }

    /** Log of each class's share of the training part, [K]; equal where classes count alike. */
    double[] logShares() {
        double[] counts = new double[classes()];
        float[] weights = train.weights();
        for (int i = 0; i < train.labels().length; i++) {
            counts[train.labels()[i]] += weights == null ? 1 : weights[i];
        }
        double[] logs = new double[counts.length];
        for (int k = 0; k < logs.length; k++) {
            logs[k] = Math.log(counts[k] / train.labels().length);
        }
        return logs;
    }

    private static int[] labels(Dataset data, int[] rows) {
        int[] labels = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            labels[i] = data.label(rows[i]);
        }
        return labels;
    }

    private static float @Nullable [] weights(int[] labels, int classes, ConceptConfig.Balance balance) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        if (balance == ConceptConfig.Balance.OFF
                || balance == ConceptConfig.Balance.AUTO && imbalance(counts) <= ConceptConfig.Balance.AUTO_RATIO) {
            return null;
        }
        float[] weights = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            weights[i] = (float) labels.length / classes / counts[labels[i]];
        }
        return weights;
    }

    /** Items of the largest class divided by those of the smallest. */
    static double imbalance(int[] counts) {
        int most = 0;
        int least = Integer.MAX_VALUE;
        for (int count : counts) {
            most = Math.max(most, count);
            least = Math.min(least, count);
        }
        return (double) most / Math.max(1, least);
    }
}
