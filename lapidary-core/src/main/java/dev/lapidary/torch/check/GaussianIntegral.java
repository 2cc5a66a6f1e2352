package dev.lapidary.torch.check;

/** The standard normal distribution function in float64. */
final class GaussianIntegral {
    private static final int TERMS = 200;

    private GaussianIntegral() {}

    /**
     * Returns the probability of a number below x, to about 1e-14 for |x| below 7: the series of Marsaglia, Evaluating the Normal
     * Distribution (2004), 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + ...).
     */
    static double below(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < TERMS && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= x * x / (2 * n + 1);
            sum += term;
        }
        return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }
}
