package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.List;

/** How rotary frequencies are changed to reach a longer context than a model was first trained for. */
public sealed interface RotaryScaling {
    /**
     * Returns the scaled form of one frequency, in radians per position.
     *
     * @param index of the frequency, from 0 to headWidth / 2 - 1
     */
    double scale(int index, double frequency);

    /** The frequencies as they are. */
    record None() implements RotaryScaling {
        @Override
        public double scale(int index, double frequency) {
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
        public double scale(int index, double frequency) {
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
        public double scale(int index, double frequency) {
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

    /**
     * Every frequency divided by a number of its own, as files of llama.cpp store them.
     *
     * @param divisors [headWidth / 2], positive, unitless
     */
    record Divided(List<Double> divisors) implements RotaryScaling {
        /** Copies the list. */
        public Divided {
            divisors = List.copyOf(divisors);
            for (double divisor : divisors) {
                if (!(divisor > 0) || Double.isInfinite(divisor)) {
                    throw new InputException("what rotary frequencies are divided by must be positive; got " + divisor);
                }
            }
        }

        @Override
        public double scale(int index, double frequency) {
            return frequency / divisors.get(index);
        }
    }
}
