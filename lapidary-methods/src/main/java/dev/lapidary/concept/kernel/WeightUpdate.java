package dev.lapidary.concept.kernel;

/** How gradients change weights: as torch.optim does it, to rounding. */
public sealed interface WeightUpdate {
    /** Returns the learning rate, unitless. */
    double rate();

    /** Returns the same rule at another learning rate. */
    WeightUpdate withRate(double rate);

    /** Plain gradient descent without momentum. */
    record Sgd(double rate) implements WeightUpdate {
        public Sgd {
            requireRate(rate);
        }

        @Override
        public Sgd withRate(double newRate) {
            return new Sgd(newRate);
        }
    }

    /**
     * Adam with bias correction (Kingma and Ba, 2015); decoupled weight decay makes it AdamW (Loshchilov and Hutter, 2019).
     */
    record Adam(double rate, double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled)
            implements WeightUpdate {
        public Adam {
            requireRate(rate);
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0 && weightDecay >= 0)) {
                throw new IllegalArgumentException(
                        "betas must lie in [0, 1), epsilon above 0, weight decay at 0 or above;" + " got " + beta1
                                + ", " + beta2 + ", " + epsilon + ", " + weightDecay);
            }
        }

        /** Torch's defaults: betas 0.9 and 0.999, epsilon 1e-8, no weight decay. */
        public Adam(double rate) {
            this(rate, 0.9, 0.999, 1e-8, 0, false);
        }

        /** AdamW with torch's defaults but for the weight decay. */
        public static Adam decoupled(double rate, double weightDecay) {
            return new Adam(rate, 0.9, 0.999, 1e-8, weightDecay, true);
        }

        @Override
        public Adam withRate(double newRate) {
            return new Adam(newRate, beta1, beta2, epsilon, weightDecay, decoupled);
        }
    }

    private static void requireRate(double rate) {
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rate must be finite and at least 0; got " + rate);
        }
    }
}
