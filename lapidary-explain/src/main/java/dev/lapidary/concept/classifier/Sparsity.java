package dev.lapidary.concept.classifier;

import java.util.Arrays;

/** Measures of how few numbers carry a vector or a decision; all unitless. */
public final class Sparsity {
    private Sparsity() {}

    /**
     * Hoyer sparsity (√n − ‖x‖₁/‖x‖₂)/(√n − 1): 1 for one nonzero, 0 for a constant vector; 0 for the zero vector.
     *
     * @see <a href="https://jmlr.org/papers/v5/hoyer04a.html">Hoyer 2004</a>
     */
    public static double hoyer(double[] x) {
        double l1 = 0;
        double l2 = 0;
        for (double v : x) {
            l1 += Math.abs(v);
            l2 += v * v;
        }
        double root = Math.sqrt(x.length);
        return l2 == 0 || x.length < 2 ? 0 : (root - l1 / Math.sqrt(l2)) / (root - 1);
    }

    /**
     * NCC: how many concepts it takes, largest first, to reach a share of a decision's absolute contributions; mean over items and
     * classes.
     *
     * @param scores concept scores [n, M]
     * @param share of the sum of absolute contributions, in (0, 1]
     */
    public static double contributingConcepts(NamedMap map, double[][] scores, double share) {
        double total = 0;
        for (double[] row : scores) {
            for (int k = 0; k < map.classes(); k++) {
                total += needed(map.contributions(k, row), share);
            }
        }
        return total / ((double) scores.length * map.classes());
    }

    private static int needed(double[] contributions, double share) {
        double[] sizes = Arrays.stream(contributions).map(Math::abs).sorted().toArray();
        double goal = share * Arrays.stream(sizes).sum();
        double sum = 0;
        int count = 0;
        for (int i = sizes.length - 1; i >= 0 && sum < goal && sizes[i] > 0; i--) {
            sum += sizes[i];
            count++;
        }
        return count;
    }
}
