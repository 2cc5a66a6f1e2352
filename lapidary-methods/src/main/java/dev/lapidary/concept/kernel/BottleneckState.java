package dev.lapidary.concept.kernel;

/**
 * All that a {@link BottleneckStep} carries from one step to the next; float32 values are exact in it.
 *
 * @param steps steps taken
 * @param layer W with its moments, each [M, M], row-major
 * @param head H with its moments, each [K, M], row-major
 * @param bias with its moments, each [K]; zeros where there is none
 */
public record BottleneckState(long steps, Moments layer, Moments head, Moments bias) {
    /** Weights and Adam's running means of the gradient and of its square. */
    public record Moments(double[] weights, double[] mean, double[] square) {
        /** Weights before the first step; the array is not copied. */
        public static Moments fresh(double[] weights) {
            return new Moments(weights, new double[weights.length], new double[weights.length]);
        }

        void require(String what, int length) {
            if (weights.length != length || mean.length != length || square.length != length) {
                throw new IllegalArgumentException(what + " must have length " + length + "; got " + weights.length
                        + ", " + mean.length + ", " + square.length);
            }
        }
    }

    /** State before the first step: W [M, M], H [K, M] row-major, bias 0. */
    public static BottleneckState fresh(double[] layer, double[] head, int classes) {
        return new BottleneckState(0, Moments.fresh(layer), Moments.fresh(head), Moments.fresh(new double[classes]));
    }

    void require(BottleneckSettings settings) {
        layer.require("layer", settings.concepts() * settings.concepts());
        head.require("head", settings.classes() * settings.concepts());
        bias.require("bias", settings.classes());
        if (steps < 0) {
            throw new IllegalArgumentException("steps must be at least 0; got " + steps);
        }
    }
}
