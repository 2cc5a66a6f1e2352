package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.kernel.SoftmaxRegressionKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A ridge-fitted linear head on features that stands beside given logits: z = offset + A·x, mean cross-entropy + l2/2·‖A‖².
 *
 * <p>The offsets stay as they are, so whatever is gained comes from the features (the residual head of hybrid post-hoc concept
 * bottlenecks). There is no bias: features are centred by the fitted items, and class shares alone cannot be a gain. The ridge is
 * chosen on held-out items by their loss. Shapes: features [n, d] float32, offsets [n, K], labels [n].
 *
 * @see <a href="https://arxiv.org/abs/2205.15480">Yuksekgonul et al., Post-hoc concept bottleneck models, ICLR 2023</a>
 */
public final class ResidualHead {
    private static final double TOLERANCE = 1e-4;
    private static final int ROUNDS = 100;

    private final double[][] weights; // [K, d], on standardised features
    private final Standardisation standardisation;
    private final double ridge;

    private ResidualHead(double[][] weights, Standardisation standardisation, double ridge) {
        this.weights = weights;
        this.standardisation = standardisation;
        this.ridge = ridge;
    }

    /** Items to fit on or to choose on. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    public record Rows(float[][] features, double[][] offsets, int[] labels) {
        /** Checks the sizes. */
        public Rows {
            if (features.length == 0 || features.length != offsets.length || features.length != labels.length) {
                throw new IllegalArgumentException("features, offsets and labels must be as many and at least one; got "
                        + features.length + ", " + offsets.length + " and " + labels.length);
            }
        }
    }

    /** Fits on some items and chooses the ridge on others. */
    public static ResidualHead fit(Rows train, Rows heldOut) {
        ScoreMoments moments = ScoreMoments.of(train.features.length, train.features[0].length, (from, to, out) -> {
            for (int i = from; i < to; i++) {
                float[] x = train.features[i];
                MemorySegment.copy(x, 0, out, ValueLayout.JAVA_FLOAT, 4L * (i - from) * x.length, x.length);
            }
        });
        try (Objective fitted = new Objective(train, moments);
                Objective judge = new Objective(heldOut, moments)) {
            MapSolver solver = new MapSolver(fitted, TOLERANCE, ROUNDS);
            double[] at = new double[fitted.classes() * (fitted.width() + 1)];
            double[] best = at;
            double bestRidge = Double.POSITIVE_INFINITY;
            double least = judge.lossAndGradient(at, new double[at.length]); // no head at all
            for (double ridge : MethodFitter.RIDGES) {
                at = solver.solve(at, MapSolver.Penalty.ridge(ridge, null)).parameters();
                double loss = judge.lossAndGradient(at, new double[at.length]);
                if (loss < least) {
                    best = at;
                    bestRidge = ridge;
                    least = loss;
                }
            }
            double[][] weights = DialFit.map(best, fitted.classes()).weights();
            return new ResidualHead(weights, moments.standardisation(), bestRidge);
        }
    }

    /** The ridge that was chosen; infinite where no head was better than any. */
    public double ridge() {
        return ridge;
    }

    /** Logits [K] of an item from its features [d] and offset [K]. */
    public double[] logits(float[] features, double[] offset) {
        double[] mean = standardisation.mean();
        double[] scale = standardisation.scale();
        double[] z = offset.clone();
        for (int j = 0; j < features.length; j++) {
            double x = (features[j] - mean[j]) * scale[j];
            for (int k = 0; k < z.length; k++) {
                z[k] += weights[k][j] * x;
            }
        }
        return z;
    }

    /** Cross-entropy with the offsets as K more columns whose weights are fixed at one for their own class. */
    private static final class Objective implements MapObjective, AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final SoftmaxRegressionKernel kernel;
        private final double[] gram;
        private final int classes;
        private final int width; // d
        private final double[] all; // [K, d + K + 1]
        private final double[] allGradient;

        Objective(Rows rows, ScoreMoments moments) {
            int n = rows.features.length;
            this.classes = rows.offsets[0].length;
            this.width = rows.features[0].length;
            int columns = width + classes;
            MemorySegment held = arena.allocate(4L * n * columns, 64);
            double[] mean = moments.standardisation().mean();
            double[] scale = moments.standardisation().scale();
            float[] row = new float[columns];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < width; j++) {
                    row[j] = (float) ((rows.features[i][j] - mean[j]) * scale[j]);
                }
                for (int k = 0; k < classes; k++) {
                    row[width + k] = (float) rows.offsets[i][k];
                }
                MemorySegment.copy(row, 0, held, ValueLayout.JAVA_FLOAT, 4L * i * columns, columns);
            }
            this.gram = moments.gram();
            this.kernel = new SoftmaxRegressionKernel(
                    held, n, columns, classes, Runtime.getRuntime().availableProcessors());
            kernel.target(rows.labels);
            this.all = new double[classes * (columns + 1)];
            this.allGradient = new double[all.length];
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
        public double lossAndGradient(double[] parameters, double[] gradient) {
            int stride = width + classes + 1;
            Arrays.fill(all, 0);
            for (int k = 0; k < classes; k++) {
                System.arraycopy(parameters, k * (width + 1), all, k * stride, width);
                all[k * stride + width + k] = 1;
            }
            double loss = kernel.lossAndGradient(all, allGradient);
            for (int k = 0; k < classes; k++) {
                System.arraycopy(allGradient, k * stride, gradient, k * (width + 1), width);
                gradient[k * (width + 1) + width] = 0; // no bias
            }
            return loss;
        }

        @Override
        public double[] gram() {
            return gram;
        }

        @Override
        public double sureCurvature() {
            return 0.5; // rows count alike
        }

        @Override
        public void close() {
            kernel.close();
            arena.close();
        }
    }
}
