package dev.lapidary.linalg;

import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One restart of k-means: from given centres through its iterations to its end. */
final class Lloyd {
    private final Tensor tensor; // float64 [n, d]
    private final double[] points; // the same, row-major
    private final int d;
    private final int k;
    private final double[] centres; // [k, d], row-major
    private final double[] distance; // squared, of each point from its centre [n]
    private int[] assignment; // [n]
    private int iterations;

    private Lloyd(Tensor tensor, double[] points, double[] centres) {
        this.tensor = tensor;
        this.points = points;
        this.d = (int) tensor.size(1);
        this.k = centres.length / d;
        this.centres = centres;
        this.distance = new double[points.length / d];
        this.assignment = new int[distance.length];
    }

    /** Returns the restart of least inertia, of several the first. */
    static Lloyd best(Tensor points, int clusters, long seed, KMeans.Effort effort) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Tensor tensor = points.to(ScalarType.Double).contiguous();
        double[] values = Tensors.toDoubles(tensor);
        int d = (int) tensor.size(1);
        Lloyd best = new Lloyd(tensor, values, seeds(values, d, clusters, random)).run(effort.iterations());
        for (int r = 1; r < effort.restarts(); r++) {
            Lloyd next = new Lloyd(tensor, values, seeds(values, d, clusters, random)).run(effort.iterations());
            best = next.inertia() < best.inertia() ? next : best;
        }
        return best;
    }

    /** Starts from centres [k, d], row-major, which are overwritten. */
    static Lloyd from(Tensor points, double[] centres, int iterations) {
        Tensor tensor = points.to(ScalarType.Double).contiguous();
        return new Lloyd(tensor, Tensors.toDoubles(tensor), centres).run(iterations);
    }

    private static double[] seeds(double[] points, int d, int k, RandomGenerator random) {
        double[] seeds = new double[k * d];
        double[] distance = new double[points.length / d]; // squared, from the nearest seed
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        for (int c = 0; c < k; c++) {
            int chosen = c == 0 ? random.nextInt(distance.length) : draw(distance, random);
            System.arraycopy(points, chosen * d, seeds, c * d, d);
            for (int i = 0; i < distance.length; i++) {
                distance[i] = Math.min(distance[i], squared(points, i * d, seeds, c * d, d));
            }
        }
        return seeds;
    }

    /** Draws a point in proportion to its squared distance; any, where all are 0. */
    private static int draw(double[] distance, RandomGenerator random) {
        double left = random.nextDouble() * sum(distance);
        int last = -1;
        for (int i = 0; i < distance.length && left >= 0; i++) {
            left -= distance[i];
            last = distance[i] > 0 ? i : last;
        }
        return last >= 0 ? last : random.nextInt(distance.length);
    }

    private static double squared(double[] points, int at, double[] centres, int centre, int d) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            double off = points[at + j] - centres[centre + j];
            sum += off * off;
        }
        return sum;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    private Lloyd run(int most) {
        assignment = nearest();
        boolean changed = true;
        while (changed && iterations < most) {
            iterations++;
            fillEmpty();
            average();
            int[] next = nearest();
            changed = !Arrays.equals(next, assignment);
            assignment = next;
        }
        measure();
        return this;
    }

    private int[] nearest() {
        try (Tensor now = centres()) {
            return NearestCentre.of(tensor, now);
        }
    }

    /** Gives every empty cluster the point that is farthest from its centre. */
    private void fillEmpty() {
        int[] counts = counts();
        if (Arrays.stream(counts).allMatch(count -> count > 0)) {
            return;
        }
        measure();
        for (int c = 0; c < k; c++) {
            int farthest = counts[c] > 0 ? -1 : farthest(counts);
            if (farthest >= 0) {
                counts[assignment[farthest]]--;
                counts[c]++;
                assignment[farthest] = c;
                distance[farthest] = 0;
            }
        }
    }

    private int farthest(int[] counts) {
        int farthest = -1;
        for (int i = 0; i < distance.length; i++) {
            boolean movable = distance[i] > 0 && counts[assignment[i]] > 1;
            if (movable && (farthest < 0 || distance[i] > distance[farthest])) {
                farthest = i;
            }
        }
        return farthest;
    }

    private int[] counts() {
        int[] counts = new int[k];
        for (int c : assignment) {
            counts[c]++;
        }
        return counts;
    }

    /** Moves every centre that has points to their mean. */
    private void average() {
        int[] counts = counts();
        for (int c = 0; c < k; c++) {
            if (counts[c] > 0) {
                Arrays.fill(centres, c * d, (c + 1) * d, 0);
            }
        }
        for (int i = 0; i < assignment.length; i++) {
            int at = assignment[i] * d;
            for (int j = 0; j < d; j++) {
                centres[at + j] += points[i * d + j];
            }
        }
        for (int at = 0; at < centres.length; at++) {
            centres[at] /= Math.max(1, counts[at / d]);
        }
    }

    private void measure() {
        for (int i = 0; i < distance.length; i++) {
            distance[i] = squared(points, i * d, centres, assignment[i] * d, d);
        }
    }

    /** Returns the centres, float64 [k, d]; the open scope frees them. */
    Tensor centres() {
        return Tensors.of(centres, k, d);
    }

    /** Returns the cluster of each point [n]. */
    int[] assignment() {
        return assignment;
    }

    /** Returns Σ of the squared distances of points from their centres. */
    double inertia() {
        return sum(distance);
    }

    /** Returns how often centres moved. */
    int iterations() {
        return iterations;
    }
}
