package dev.lapidary.concept.bottleneck;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fits a sparse map by proximal majorisation: mean cross-entropy + l1·Σ w|W| + l2/2·‖W‖², bias free.
 *
 * <p>The softmax Hessian is at most ½ (I ⊗ XᵀX/n) (Böhning 1992). Each round minimises the model with curvature c·XᵀX/n plus the
 * penalty by coordinate descent, and accepts where the model bounds the loss; c adapts upwards from 0.02 to the value that
 * bounds it for sure. Correlated concepts cost nothing extra, because the coordinate descent sees their whole Gram matrix, and zeros are exact.
 *
 * @see <a href="https://doi.org/10.1007/BF00048682">Böhning 1992, Multinomial logistic regression algorithm</a>
 */
final class MapSolver {
    private static final double LEAST_CURVATURE = 0.02;
    private static final int SWEEPS = 40;

    /** Penalties and the entries that may differ from zero. */
    record Penalty(double l1, double @Nullable [] l1Weights, double l2, boolean @Nullable [] support) {
        static Penalty elastic(double lambda, double alpha) {
            return new Penalty(lambda * alpha, null, lambda * (1 - alpha), null);
        }

        static Penalty ridge(double l2, boolean @Nullable [] support) {
            return new Penalty(0, null, l2, support);
        }

        double l1At(int entry) {
            return l1Weights == null ? l1 : l1 * l1Weights[entry];
        }

        boolean allows(int entry) {
            return support == null || support[entry];
        }
    }

    /** Where the solver stopped: parameters [K, M + 1], loss without penalty, objective, rounds, and the largest KKT violation. */
    record Solution(double[] parameters, double loss, double objective, int rounds, double violation) {}

    private final MapObjective objective;
    private final double[] gram; // [M, M]
    private final double sureCurvature;
    private final int classes;
    private final int width;
    private final double tolerance;
    private final int maxRounds;

    /**
     * Creates a solver.
     *
     * @param tolerance largest violation of the optimality conditions, in units of the gradient of the mean cross-entropy
     */
    MapSolver(MapObjective objective, double tolerance, int maxRounds) {
        this.objective = objective;
        this.gram = objective.gram();
        this.sureCurvature = objective.sureCurvature();
        this.classes = objective.classes();
        this.width = objective.width();
        this.tolerance = tolerance;
        this.maxRounds = maxRounds;
    }

    Solution solve(double[] start, Penalty penalty) {
        double[] at = start.clone();
        clearOutside(at, penalty);
        double[] gradient = new double[at.length];
        double loss = objective.lossAndGradient(at, gradient);
        double curvature = 0.25;
        double violation = violation(at, gradient, penalty);
        int round = 0;
        double[] next = new double[at.length];
        double[] nextGradient = new double[at.length];
        while (violation > tolerance && round < maxRounds) {
            round++;
            double bound = loss + minimiseModel(at, gradient, penalty, curvature, next);
            double nextLoss = objective.lossAndGradient(next, nextGradient);
            double rounding = 1e-7 * (1 + Math.abs(loss)); // losses carry that of float32
            boolean holds = nextLoss <= bound + rounding;
            if (!holds && curvature < sureCurvature) {
                curvature = Math.min(sureCurvature, 2 * curvature);
                continue;
            }

            double[] spare = at;
            at = next;
            next = spare;
            spare = gradient;
            gradient = nextGradient;
            nextGradient = spare;
            double left = violation(at, gradient, penalty);
            boolean overshot = left > violation && Math.abs(nextLoss - loss) < rounding; // which the losses cannot tell
            curvature = overshot ? Math.min(sureCurvature, 2 * curvature) : Math.max(LEAST_CURVATURE, 0.8 * curvature);
            loss = nextLoss;
            violation = left;
        }
        return new Solution(at, loss, loss + penaltyValue(at, penalty), round, violation);
    }

    /** Largest λ at which all weights stay zero: max |gradient at zero weights| / (α·weight). */
    double largestLambda(double[] biasOnly, double alpha, double @Nullable [] l1Weights) {
        double[] gradient = new double[biasOnly.length];
        objective.lossAndGradient(biasOnly, gradient);
        double largest = 0;
        for (int k = 0; k < classes; k++) {
            for (int m = 0; m < width; m++) {
                double w = l1Weights == null ? 1 : l1Weights[k * width + m];
                largest = Math.max(largest, Math.abs(gradient[k * (width + 1) + m]) / (alpha * w));
            }
        }
        return largest;
    }

    private void clearOutside(double[] at, Penalty penalty) {
        for (int k = 0; k < classes; k++) {
            for (int m = 0; m < width; m++) {
                if (!penalty.allows(k * width + m)) {
                    at[k * (width + 1) + m] = 0;
                }
            }
        }
    }

    /** Fills next with the model's minimiser and returns the model's change of the smooth part. */
    private double minimiseModel(double[] at, double[] gradient, Penalty penalty, double c, double[] next) {
        System.arraycopy(at, 0, next, 0, at.length);
        double change = 0;
        for (int k = 0; k < classes; k++) {
            int base = k * (width + 1);
            double[] moved = descend(k, at, gradient, penalty, c, next); // XᵀX/n times the step
            for (int m = 0; m < width; m++) {
                double step = next[base + m] - at[base + m];
                change += step * (gradient[base + m] + 0.5 * c * moved[m]);
            }
            double biasStep = -gradient[base + width] / c;
            next[base + width] = at[base + width] + biasStep;
            change += biasStep * (gradient[base + width] + 0.5 * c * biasStep);
        }
        return change;
    }

    private double[] descend(int k, double[] at, double[] gradient, Penalty penalty, double c, double[] next) {
        int base = k * (width + 1);
        int[] active = active(k, at, gradient, penalty);
        double[] moved = new double[width];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double largest = 0;
            for (int m : active) {
                double own = c * gram[m * width + m];
                double curvature = own + penalty.l2();
                if (curvature <= 0) {
                    continue; // a constant column: nothing to learn from
                }
                double old = next[base + m];
                double pull = own * old - gradient[base + m] - c * moved[m];
                double value = shrink(pull, penalty.l1At(k * width + m)) / curvature;
                double step = value - old;
                if (step != 0) {
                    next[base + m] = value;
                    addRow(moved, m, step);
                    largest = Math.max(largest, Math.abs(step) * curvature);
                }
            }
            if (largest < 0.1 * tolerance) {
                break;
            }
        }
        return moved;
    }

    private int[] active(int k, double[] at, double[] gradient, Penalty penalty) {
        int base = k * (width + 1);
        int[] found = new int[width];
        int n = 0;
        for (int m = 0; m < width; m++) {
            boolean may = penalty.allows(k * width + m);
            if (may && (at[base + m] != 0 || Math.abs(gradient[base + m]) > penalty.l1At(k * width + m))) {
                found[n++] = m;
            }
        }
        return Arrays.copyOf(found, n);
    }

    private void addRow(double[] moved, int m, double step) {
        int row = m * width;
        for (int j = 0; j < width; j++) {
            moved[j] += step * gram[row + j];
        }
    }

    private static double shrink(double x, double by) {
        return x > by ? x - by : x < -by ? x + by : 0;
    }

    private double violation(double[] at, double[] gradient, Penalty penalty) {
        double worst = 0;
        for (int k = 0; k < classes; k++) {
            int base = k * (width + 1);
            worst = Math.max(worst, Math.abs(gradient[base + width]));
            for (int m = 0; m < width; m++) {
                int entry = k * width + m;
                if (!penalty.allows(entry)) {
                    continue;
                }
                double w = at[base + m];
                double g = gradient[base + m] + penalty.l2() * w;
                double l1 = penalty.l1At(entry);
                worst = Math.max(worst, w == 0 ? Math.abs(g) - l1 : Math.abs(g + Math.signum(w) * l1));
            }
        }
        return worst;
    }

    private double penaltyValue(double[] at, Penalty penalty) {
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            for (int m = 0; m < width; m++) {
                double w = at[k * (width + 1) + m];
                sum += penalty.l1At(k * width + m) * Math.abs(w) + 0.5 * penalty.l2() * w * w;
            }
        }
        return sum;
    }
}
