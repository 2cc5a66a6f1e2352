package dev.lapidary.metric;

/** Student's t distribution, as far as 95 % intervals need it. */
public final class StudentT {
    private StudentT() {}

    /** The 97.5 % quantile of Student's t with the given degrees of freedom, by bisection on its integrated density. */
    public static double quantile(int freedom) {
        if (freedom < 1) {
            throw new IllegalArgumentException("degrees of freedom must be at least 1; got " + freedom);
        }
        double low = 0;
        double high = 100;
        for (int i = 0; i < 60; i++) {
            double middle = 0.5 * (low + high);
            if (mass(middle, freedom) < 0.475) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 0.5 * (low + high);
    }

    /** Probability between 0 and t: Simpson's rule after t = √ν·tan θ, which makes the density √ν-free and smooth. */
    private static double mass(double t, int freedom) {
        double end = Math.atan(t / Math.sqrt(freedom));
        int steps = 400;
        double h = end / steps;
        double sum = 0;
        double norm = 0;
        double normStep = 0.5 * Math.PI / steps;
        for (int i = 0; i <= steps; i++) {
            double factor = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += factor * Math.pow(Math.cos(i * h), freedom - 1.0);
            norm += factor * Math.pow(Math.cos(i * normStep), freedom - 1.0);
        }
        return 0.5 * sum * h / (norm * normStep);
    }
}
