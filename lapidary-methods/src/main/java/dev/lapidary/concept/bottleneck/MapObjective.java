package dev.lapidary.concept.bottleneck;

/**
 * Mean cross-entropy of a linear map over a fixed set of training rows, as the solver sees it.
 *
 * <p>Parameters lie flat, [K, M + 1] row-major, each class's bias last.
 */
interface MapObjective {
    int classes();

    /** Number of score columns M. */
    int width();

    /** Returns the mean cross-entropy at the parameters and fills its gradient, both [K, M + 1]. */
    double lossAndGradient(double[] parameters, double[] gradient);

    /** Second moments of the centred columns, XᵀX/n, [M, M] row-major: the curvature that the solver scales. */
    double[] gram();

    /** The c at which c·XᵀX/n bounds the Hessian for sure: 0.5 where rows count alike, times max/mean of what they count. */
    double sureCurvature();
}
