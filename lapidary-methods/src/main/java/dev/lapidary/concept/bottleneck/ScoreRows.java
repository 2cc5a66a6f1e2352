package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.kernel.SoftmaxRegressionKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Mean cross-entropy of maps over standardised scores of chosen items.
 *
 * <p>Scores are linear in the unit embedding, so there are two ways to the same numbers: scores held as [n, M] floats, or, where these
 * would need more than {@link #HELD_BYTES}, a map folded into the embedding space and its gradient folded back, which reads the
 * items' own memory and holds nothing per item but a norm. Closing frees both.
 */
public final class ScoreRows implements MapObjective, AutoCloseable {
    /** Scores up to this size are held: 512 MiB. */
    static final long HELD_BYTES = 512L << 20;

    private final SoftmaxRegressionKernel kernel;
    private final @Nullable Arena arena; // of the held scores
    private final @Nullable MemorySegment held; // [n, M]
    private final @Nullable Fold fold;
    private final double[] gram;
    private final int classes;
    private final int width;
    private final int[] labels;
    private final double sureCurvature;

    private ScoreRows(
            SoftmaxRegressionKernel kernel,
            @Nullable Arena arena,
            @Nullable MemorySegment held,
            @Nullable Fold fold,
            double[] gram,
            Shape shape,
            Part part) {
        this.kernel = kernel;
        this.arena = arena;
        this.held = held;
        this.fold = fold;
        this.gram = gram;
        this.classes = shape.classes();
        this.width = shape.width();
        this.labels = part.labels();
        this.sureCurvature = sureCurvature(part.weights());
        kernel.target(labels);
        kernel.rowWeights(part.weights());
    }

    private record Shape(int classes, int width) {}

    /** Rows of items [N, d] with their labels [n] and, perhaps, what each row counts [n]. */
    @SuppressWarnings("ArrayRecordComponent") // arrays may have a million entries; never changed
    public record Part(EmbeddingMatrix items, int[] rows, int[] labels, float @Nullable [] weights, int classes) {
        /**
         * Draws about {@code most} of the rows, every class with its share and with at least one; all of them where there are no more.
         * The same part and seed give the same rows, in their order.
         */
        Part atMost(int most, long seed) {
            if (rows.length <= most) {
                return this;
            }
            int[] left = new int[classes]; // rows of each class that are still to come
            for (int label : labels) {
                left[label]++;
            }
            int[] wanted = new int[classes];
            for (int k = 0; k < classes; k++) {
                wanted[k] = Math.min(left[k], Math.max(1, (int) ((long) left[k] * most / rows.length)));
            }
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            IntStream.Builder chosen = IntStream.builder();
            for (int i = 0; i < rows.length; i++) {
                int k = labels[i]; // with the chance wanted/left: in the end as many of each class as wanted
                if (random.nextInt(left[k]--) < wanted[k]) {
                    wanted[k]--;
                    chosen.add(i);
                }
            }
            return at(chosen.build().toArray());
        }

        private Part at(int[] positions) {
            int[] someRows = new int[positions.length];
            int[] someLabels = new int[positions.length];
            float[] someWeights = weights == null ? null : new float[positions.length];
            for (int i = 0; i < positions.length; i++) {
                someRows[i] = rows[positions[i]];
                someLabels[i] = labels[positions[i]];
                if (weights != null && someWeights != null) {
                    someWeights[i] = weights[positions[i]];
                }
            }
            return new Part(items, someRows, someLabels, someWeights, classes);
        }
    }

    /** How many rows of scores fit into the bytes that may be held: at least one. */
    static int heldRows(int scores, long heldBytes) {
        return Math.clamp(heldBytes / (4L * scores), 1, Integer.MAX_VALUE);
    }

    /** Holds or folds the scores of a part, whichever fits; gram may be empty where nothing is to be fitted. */
    static ScoreRows of(
            Part part, float @Nullable [][] vectors, Standardisation standardisation, double[] gram, long heldBytes) {
        int m = standardisation.mean().length;
        long bytes = 4L * part.rows().length * m;
        return bytes <= heldBytes
                ? held(part, vectors, standardisation, gram)
                : folded(part, vectors, standardisation, gram);
    }

    private static ScoreRows held(
            Part part, float @Nullable [][] vectors, Standardisation standardisation, double[] gram) {
        int n = part.rows().length;
        int m = standardisation.mean().length;
        Arena arena = Arena.ofShared();
        MemorySegment scores = arena.allocate(4L * n * m, 64);
        try (ScoreBlocks blocks = new ScoreBlocks(part.items(), part.rows(), vectors)) {
            blocks.fillAll(scores);
        }
        standardise(scores, n, standardisation);
        return ofHeld(scores, arena, part, gram);
    }

    /** Takes features [n, M] as they are; closing frees the arena. */
    static ScoreRows ofHeld(MemorySegment features, Arena arena, Part part, double[] gram) {
        int m = Math.toIntExact(features.byteSize() / 4 / part.rows().length);
        var kernel = new SoftmaxRegressionKernel(features, part.rows().length, m, part.classes(), threads());
        return new ScoreRows(kernel, arena, features, null, gram, new Shape(part.classes(), m), part);
    }

    private static ScoreRows folded(
            Part part, float @Nullable [][] vectors, Standardisation standardisation, double[] gram) {
        EmbeddingMatrix items = part.items();
        int n = part.rows().length;
        float[] inverse = new float[n];
        for (int i = 0; i < n; i++) {
            inverse[i] = (float) UnitVector.inverseLength(items.row(part.rows()[i]));
        }
        var kernel =
                new SoftmaxRegressionKernel(items.segment(), part.rows(), items.width(), part.classes(), threads());
        kernel.rowScales(inverse);
        var fold = new Fold(part, vectors, standardisation);
        int m = standardisation.mean().length;
        return new ScoreRows(kernel, null, null, fold, gram, new Shape(part.classes(), m), part);
    }

    private static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Standardises scores [n, M] in place. */
    static void standardise(MemorySegment scores, int n, Standardisation standardisation) {
        int m = standardisation.mean().length;
        float[] row = new float[m];
        double[] mean = standardisation.mean();
        double[] scale = standardisation.scale();
        for (int i = 0; i < n; i++) {
            MemorySegment.copy(scores, ValueLayout.JAVA_FLOAT, 4L * i * m, row, 0, m);
            for (int j = 0; j < m; j++) {
                row[j] = (float) ((row[j] - mean[j]) * scale[j]);
            }
            MemorySegment.copy(row, 0, scores, ValueLayout.JAVA_FLOAT, 4L * i * m, m);
        }
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public double[] gram() {
        return gram;
    }

    @Override
    public double sureCurvature() {
        return sureCurvature;
    }

    private static double sureCurvature(float @Nullable [] weights) {
        if (weights == null) {
            return 0.5;
        }
        double most = 0;
        double sum = 0;
        for (float w : weights) {
            most = Math.max(most, w);
            sum += w;
        }
        return 0.5 * most * weights.length / sum;
    }

    @Override
    public double lossAndGradient(double[] parameters, double[] gradient) {
        if (fold == null) {
            return kernel.lossAndGradient(parameters, gradient);
        }
        double loss = kernel.lossAndGradient(fold.down(parameters), fold.gradient);
        fold.up(gradient);
        return loss;
    }

    /** Accuracy and mean cross-entropy of parameters [K, M + 1] on these rows. */
    Dial.Quality judge(double[] parameters) {
        double loss = lossAndGradient(parameters, new double[parameters.length]);
        int n = kernel.rows();
        int right = 0;
        try (Arena scratch = Arena.ofShared()) {
            MemorySegment z = scratch.allocate(4L * n * classes, 64);
            kernel.logits(fold == null ? parameters : fold.down(parameters), z);
            for (int i = 0; i < n; i++) {
                int best = 0;
                float most = z.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * classes);
                for (int k = 1; k < classes; k++) {
                    float value = z.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * classes + k);
                    if (value > most) {
                        most = value;
                        best = k;
                    }
                }
                right += best == labels[i] ? 1 : 0;
            }
        }
        return new Dial.Quality((double) right / n, loss);
    }

    /** Copies the scores of chosen positions, at most {@link ScoreBlocks#ROWS}, into out [chosen, M]. */
    public void gather(int[] chosen, MemorySegment out) {
        if (held == null) {
            Fold f = Objects.requireNonNull(fold);
            f.blocks.gather(chosen, out);
            standardise(out, chosen.length, f.standardisation);
            return;
        }
        long bytes = 4L * width;
        for (int i = 0; i < chosen.length; i++) {
            MemorySegment.copy(held, chosen[i] * bytes, out, i * bytes, bytes);
        }
    }

    /** Returns the class of every row [n]. */
    public int[] labels() {
        return labels;
    }

    @Override
    public void close() {
        kernel.close();
        if (fold != null) {
            fold.blocks.close();
        }
        if (arena != null) {
            arena.close();
        }
    }

    /** Carries parameters [K, M + 1] down to the embedding space [K, d + 1] and gradients back up. */
    private static final class Fold {
        private final float @Nullable [][] vectors; // [M, d]
        private final double[] mean;
        private final double[] scale;
        private final int classes;
        private final int width; // d
        private final double[] folded; // [K, d + 1]
        final double[] gradient; // [K, d + 1]

        private final ScoreBlocks blocks;
        private final Standardisation standardisation;

        Fold(Part part, float @Nullable [][] vectors, Standardisation standardisation) {
            this.blocks = new ScoreBlocks(part.items(), part.rows(), vectors);
            this.vectors = vectors;
            this.standardisation = standardisation;
            this.mean = standardisation.mean();
            this.scale = standardisation.scale();
            this.classes = part.classes();
            this.width = part.items().width();
            this.folded = new double[classes * (width + 1)];
            this.gradient = new double[folded.length];
        }

        double[] down(double[] parameters) {
            Arrays.fill(folded, 0);
            int m = mean.length;
            for (int k = 0; k < classes; k++) {
                int base = k * (width + 1);
                folded[base + width] = parameters[k * (m + 1) + m];
                for (int c = 0; c < m; c++) {
                    double w = parameters[k * (m + 1) + c] * scale[c];
                    if (w != 0) {
                        folded[base + width] -= w * mean[c];
                        add(base, c, w);
                    }
                }
            }
            return folded;
        }

        private void add(int base, int concept, double w) {
            if (vectors == null) {
                folded[base + concept] += w;
                return;
            }
            float[] t = vectors[concept];
            for (int j = 0; j < width; j++) {
                folded[base + j] += w * t[j];
            }
        }

        void up(double[] target) {
            int m = mean.length;
            for (int k = 0; k < classes; k++) {
                int base = k * (width + 1);
                double bias = gradient[base + width];
                target[k * (m + 1) + m] = bias;
                for (int c = 0; c < m; c++) {
                    target[k * (m + 1) + c] = (along(base, c) - mean[c] * bias) * scale[c];
                }
            }
        }

        private double along(int base, int concept) {
            if (vectors == null) {
                return gradient[base + concept];
            }
            float[] t = vectors[concept];
            double sum = 0;
            for (int j = 0; j < width; j++) {
                sum += gradient[base + j] * t[j];
            }
            return sum;
        }
    }
}
