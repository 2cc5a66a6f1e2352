package dev.lapidary.concept.kernel;

import dev.lapidary.optim.AdamSettings;

/** How gradients change weights: as torch.optim does it, to rounding. */
public sealed interface WeightUpdate {
    /** Returns the learning rate, unitless. */
    double rate();

    /** Returns the same rule at another learning rate. */
    WeightUpdate withRate(double rate);

    /** Plain gradient descent without momentum. */
    record Sgd(double rate) implements WeightUpdate {
        /** Checks that the rate is finite and at least 0. */
        public Sgd {
            requireRate(rate);
        }

        @Override
        public Sgd withRate(double newRate) {
            return new Sgd(newRate);
        }
    }

    /** AdamW; the formula is that of {@link AdamSettings}. */
    record Adam(double rate, AdamSettings settings) implements WeightUpdate {
        /** Checks that the rate is finite and at least 0. */
        public Adam {
            requireRate(rate);
        }

        /** Adam with the paper's numbers and no weight decay. */
        public Adam(double rate) {
            this(rate, AdamSettings.defaults());
        }

        @Override
        public Adam withRate(double newRate) {
            return new Adam(newRate, settings);
        }
    }

    private static void requireRate(double rate) {
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("rate must be finite and at least 0; got " + rate);
        }
    }
}
