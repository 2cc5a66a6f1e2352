package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OpenScope.class)
class KMeansTest {
    private static final KMeans.Effort MUCH = new KMeans.Effort(20, 100);

    @Test
    void clustersByHand() {
        Tensor points = Tensors.of(new double[][] {{0, 0}, {10, 1}, {0, 2}, {10, 3}, {10, 2}});
        KMeans found = KMeans.fit(points, 2, 1);

        int left = found.assignment()[0];
        assertThat(found.assignment()).containsExactly(left, 1 - left, left, 1 - left, 1 - left);
        assertThat(found.inertia()).isEqualTo(1 + 1 + 1 + 1, within(1e-14));
        double[] centres = Tensors.toDoubles(found.centres());
        assertThat(Arrays.copyOfRange(centres, 2 * left, 2 * left + 2)).containsExactly(0, 1);
        assertThat(Arrays.copyOfRange(centres, 2 - 2 * left, 4 - 2 * left)).containsExactly(10, 2);
        assertThat(found.nearest(Tensors.of(new double[][] {{4, 0}, {6, 0}}))).containsExactly(left, 1 - left);
    }

    @Test
    void reachesTheBestOfAllDivisionsOfAFewPoints() {
        for (int seed = 0; seed < 5; seed++) {
            Tensor points = uniform(seed, 9, 2);
            double[] values = Tensors.toDoubles(points);
            double best = Double.POSITIVE_INFINITY;
            for (int code = 0; code < 19_683; code++) { // 3^9
                int[] division = new int[9];
                for (int i = 0, rest = code; i < 9; i++, rest /= 3) {
                    division[i] = rest % 3;
                }
                best = Math.min(best, spread(values, division));
            }
            assertThat(KMeans.fit(points, 3, seed, MUCH).inertia()).isEqualTo(best, within(1e-12));
        }
    }

    /** Σ of squared distances from the means of three clusters of points in the plane. */
    private static double spread(double[] points, int[] division) {
        double[] sums = new double[6];
        double[] counts = new double[3];
        double squares = 0;
        for (int i = 0; i < division.length; i++) {
            counts[division[i]]++;
            for (int j = 0; j < 2; j++) {
                sums[2 * division[i] + j] += points[2 * i + j];
                squares += points[2 * i + j] * points[2 * i + j];
            }
        }
        for (int c = 0; c < 6; c++) {
            squares -= counts[c / 2] == 0 ? 0 : sums[c] * sums[c] / counts[c / 2];
        }
        return squares;
    }

    @Test
    void findsPlantedClustersFarFromTheOrigin() {
        Random random = new Random(4);
        double[][] points = new double[301][3];
        for (int i = 0; i < points.length; i++) {
            for (int j = 0; j < 3; j++) {
                points[i][j] = 1e6 + (i % 7 >> j & 1) * 10 + random.nextGaussian() * 0.1;
            }
        }
        int[] assignment = KMeans.fit(Tensors.of(points), 7, 5).assignment();

        for (int i = 0; i < points.length; i++) {
            assertThat(assignment[i]).isEqualTo(assignment[i % 7]);
        }
        assertThat(Arrays.stream(assignment).distinct()).hasSize(7);
    }

    @Test
    void moreIterationsAreNeverWorse() {
        Tensor points = uniform(6, 200, 3);
        double before = Double.POSITIVE_INFINITY;
        for (int iterations = 1; iterations < 12; iterations++) {
            KMeans found = KMeans.fit(points, 8, 2, new KMeans.Effort(1, iterations));
            assertThat(found.inertia()).isLessThanOrEqualTo(before * (1 + 1e-14));
            assertThat(found.iterations()).isLessThanOrEqualTo(iterations);
            assertThat(found.assignment()).isEqualTo(found.nearest(points));
            before = found.inertia();
        }
        assertThat(KMeans.fit(points, 8, 2, MUCH).inertia()).isLessThanOrEqualTo(before);
    }

    @Test
    void theSameSeedGivesTheSameBytes() {
        Tensor points = uniform(7, 500, 5).to(ScalarType.Float);
        KMeans one = KMeans.fit(points, 10, 3);
        KMeans other = KMeans.fit(points.clone(), 10, 3);

        assertThat(one.centres().scalar_type().intern()).isEqualTo(ScalarType.Float);
        assertThat(Tensors.toFloats(one.centres())).isEqualTo(Tensors.toFloats(other.centres()));
        assertThat(one.assignment()).isEqualTo(other.assignment());
        assertThat(KMeans.fit(points, 10, 4).assignment()).isNotEqualTo(one.assignment());
    }

    @Test
    void asManyClustersAsPointsLieOnThem() {
        KMeans found = KMeans.fit(uniform(8, 6, 2), 6, 1);

        assertThat(found.inertia()).isZero();
        assertThat(found.assignment()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
        assertThat(KMeans.fit(uniform(8, 6, 2), 1, 1).assignment()).containsOnly(0);
    }

    @Test
    void fewerDistinctPointsThanClustersLeaveSomeEmpty() {
        Tensor points = Tensors.of(new double[][] {{1}, {1}, {5}, {5}, {5}});
        KMeans found = KMeans.fit(points, 4, 1);

        assertThat(found.inertia()).isZero();
        assertThat(Arrays.stream(found.assignment()).distinct()).hasSize(2);
        assertThat(Tensors.toDoubles(found.centres())).containsOnly(1, 5).hasSize(4);
    }

    @Test
    void emptyClustersGetTheFarthestPoints() {
        Tensor points = Tensors.of(new double[][] {{0}, {1}, {2}, {100}});

        Lloyd once = Lloyd.from(points, new double[] {0.9, 1000, 2000}, 1);

        assertThat(once.assignment()).containsExactly(0, 0, 2, 1);
        assertThat(Tensors.toDoubles(once.centres())).containsExactly(0.5, 100, 2);
        assertThat(once.inertia()).isEqualTo(0.5);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor points = uniform(1, 4, 2);
        assertThatThrownBy(() -> KMeans.fit(points, 5, 1))
                .hasMessage("clusters must be from 1 to the number of points, 4; got 5");
        assertThatThrownBy(() -> KMeans.fit(points, 0, 1)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new KMeans.Effort(0, 1))
                .hasMessage("restarts must be at least 1; got 0");
        assertThatThrownBy(() -> KMeans.fit(Tensors.of(new double[] {1, Double.POSITIVE_INFINITY}, 2, 1), 1, 1))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("points must be of finite numbers");
        assertThatThrownBy(() -> KMeans.fit(points, 2, 1).nearest(uniform(1, 4, 3)))
                .hasMessage("points must have the centres' 2 columns; got 3");
    }
}
