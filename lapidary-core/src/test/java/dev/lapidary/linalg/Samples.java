package dev.lapidary.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.Tensors;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Matrices to factor, and how near two of them are. */
final class Samples {
    private Samples() {}

    /** Uniform entries in (−1, 1), float64. */
    static Tensor uniform(long seed, int rows, int columns) {
        double[] values =
                new SplittableRandom(seed).doubles((long) rows * columns, -1, 1).toArray();
        return Tensors.of(values, rows, columns);
    }

    /** A matrix of a rank, float64. */
    static Tensor ofRank(long seed, int rows, int columns, int rank) {
        return uniform(seed, rows, rank).mm(uniform(seed + 1, rank, columns));
    }

    static void near(Tensor actual, Tensor expected, double error) {
        assertThat(Tensors.shape(actual)).isEqualTo(Tensors.shape(expected));
        assertThat(actual.sub(expected).abs().max().item_double()).isEqualTo(0, within(error));
    }

    static void orthonormalColumns(Tensor q, double error) {
        near(q.t().mm(q), torch.eye(q.size(1), q.options()), error);
    }
}
