package dev.lapidary.linalg;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Finds the nearest centre of every point, by the products of points and centres. */
final class NearestCentre {
    private static final long PIECE = 1 << 21; // distances held at once

    private NearestCentre() {}

    /** Returns the centre of each point [n], of points [n, d] and centres [k, d] of any types, both moved by the centres' mean first. */
    static int[] of(Tensor points, Tensor centres) {
        int n = (int) points.size(0);
        int[] nearest = new int[n];
        long step = Math.max(1, PIECE / centres.size(0));
        try (TorchScope scope = TorchScope.open()) {
            Tensor exact = centres.to(ScalarType.Double);
            Tensor mean = exact.mean(new long[] {0}, true, null); // [1, d]
            Tensor moved = exact.sub(mean);
            Tensor squares = moved.mul(moved).sum(1); // [k]
            Tensor turned = moved.t().mul(new Scalar(-2.0)); // [d, k]
            for (long from = 0; from < n; from += step) {
                copy(points.narrow(0, from, Math.min(step, n - from)), mean, turned, squares, nearest, (int) from);
            }
        }
        return nearest;
    }

    private static void copy(Tensor piece, Tensor mean, Tensor turned, Tensor squares, int[] nearest, int from) {
        try (TorchScope scope = TorchScope.open()) {
            // |x − c|² but for |x|², which is the same for every centre
            Tensor distances = piece.to(ScalarType.Double).sub(mean).mm(turned).add(squares); // [piece, k]
            long[] found = Tensors.toLongs(distances.argmin(new LongOptional(1), false));
            for (int i = 0; i < found.length; i++) {
                nearest[from + i] = (int) found[i];
            }
        }
    }
}
