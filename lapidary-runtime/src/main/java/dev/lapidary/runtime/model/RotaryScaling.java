package dev.lapidary.runtime.model;

/** How rotary frequencies are changed to reach a longer context than a model was first trained for. */
public sealed interface RotaryScaling {
    /** Returns the scaled form of one frequency, in radians per position. */
    double scale(double frequency);

    /** The frequencies as they are. */
    record None() implements RotaryScaling {
        @Override
        public double scale(double frequency) {
            return frequency;
        }
    }

    /**
     * Positions divided by a factor.
     *
     * @param factor at least 1, unitless
     */
    record Linear(double factor) implements RotaryScaling {
        @Override
        public double scale(double frequency) {
            return frequency / factor;
        }
    }

    /**
     * Llama 3.1's rule: long waves are divided by the factor, short waves stay, those between are blended.
     *
     * @param factor at least 1, unitless
     * @param lowFrequency waves longer than originalContext / lowFrequency are long
     * @param highFrequency waves shorter than originalContext / highFrequency are short
     * @param originalContext tokens
     */
    record Llama3(double factor, double lowFrequency, double highFrequency, int originalContext)
            implements RotaryScaling {
        @Override
        public double scale(double frequency) {
            double wave = 2 * Math.PI / frequency;
            if (wave < originalContext / highFrequency) {
                return frequency;
            }
            if (wave > originalContext / lowFrequency) {
                return frequency / factor;
            }
            double share = (originalContext / wave - lowFrequency) / (highFrequency - lowFrequency);
            return (1 - share) * frequency / factor + share * frequency;
        }
    }
}
