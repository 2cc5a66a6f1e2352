package dev.lapidary.linalg;

import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Settings;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Divides points into k clusters so that they are near their cluster's mean: Lloyd's iterations from k-means++ seeds.
 *
 * <p>The first seed is a point drawn at random, every next one a point drawn with a chance in proportion to its squared distance from
 * the nearest seed so far. The best of some restarts is kept. A centre that no point is nearest to moves to the point that is farthest
 * from its own centre (of several the first; a point that is alone in its cluster stays); where all points lie on their centres it
 * stays where it is, so that fewer distinct points than k leave clusters empty.
 *
 * <p>Calculated in float64, distances from the mean of the centres on. The same points and seed give the same bytes on a machine at the same number of
 * threads.
 *
 * @param centres of the points' type [k, d]; they belong to the scope that was open when they were made, else {@link #close} frees them
 * @param assignment cluster of each point [n]
 * @param inertia Σ of the squared distances of points from their centres
 * @param iterations of the restart that was kept
 * @see <a href="https://doi.org/10.1109/TIT.1982.1056489">Lloyd 1982, Least squares quantization in PCM</a>
 * @see <a href="https://dl.acm.org/doi/10.5555/1283383.1283494">Arthur and Vassilvitskii 2007, k-means++</a>
 */
@SuppressWarnings("ArrayRecordComponent") // as many as points; never compared
public record KMeans(Tensor centres, int[] assignment, double inertia, int iterations) implements AutoCloseable {
    /**
     * How long to search.
     *
     * @param restarts from other seeds, at least 1
     * @param iterations most of one restart, at least 1; one ends earlier where no point changes its cluster
     */
    public record Effort(int restarts, int iterations) implements Settings {
        /** Checks the ranges. */
        public Effort {
            Bounds.atLeast("restarts", restarts, 1);
            Bounds.atLeast("iterations", iterations, 1);
        }

        /** Returns 4 restarts of at most 100 iterations. */
        public static Effort defaults() {
            return new Effort(4, 100);
        }
    }

    /** Clusters points [n, d] with the default effort. */
    public static KMeans fit(Tensor points, int clusters, long seed) {
        return fit(points, clusters, seed, Effort.defaults());
    }

    /**
     * Clusters points.
     *
     * @param points float32 or float64 [n, d]
     * @param clusters k, from 1 to n
     * @param seed decides the seeds of all restarts
     */
    public static KMeans fit(Tensor points, int clusters, long seed, Effort effort) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor plain = Matrices.require("points", points);
            if (clusters < 1 || clusters > plain.size(0)) {
                throw new IllegalArgumentException(
                        "clusters must be from 1 to the number of points, " + plain.size(0) + "; got " + clusters);
            }
            Lloyd best = Lloyd.best(plain, clusters, seed, effort);
            return new KMeans(
                    scope.keep(best.centres().to(plain.scalar_type())),
                    best.assignment(),
                    best.inertia(),
                    best.iterations());
        }
    }

    /** Returns the cluster of the nearest centre for other points [n, d], of several the first [n]. */
    public int[] nearest(Tensor points) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor plain = Matrices.require("points", points);
            if (plain.size(1) != centres.size(1)) {
                throw new IllegalArgumentException(
                        "points must have the centres' " + centres.size(1) + " columns; got " + plain.size(1));
            }
            return NearestCentre.of(plain, centres);
        }
    }

    /** Frees the centres. */
    @Override
    public void close() {
        centres.close();
    }
}
