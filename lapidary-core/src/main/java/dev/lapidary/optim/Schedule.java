package dev.lapidary.optim;

/**
 * A number that depends on the step of a training: a learning rate, a temperature, the weight of a penalty.
 *
 * <p>With progress p = step / steps, steps counted from 0:
 *
 * <pre>
 * constant(a)         a
 * linear(a, b)        a + p·(b − a)
 * cosine(a, b)        b + (a − b)·(1 + cos πp)/2
 * exponential(a, b)   a·(b/a)^p
 * </pre>
 *
 * <p>So the first step has {@code a}; {@code b} belongs to p = 1, which comes one step after the last.
 *
 * <p>{@code Schedule.cosine(1, 0.1).times(rate).warmedUp(0.05)} rises to a learning rate over the first twentieth of the steps and
 * falls to its tenth.
 */
public sealed interface Schedule {
    /**
     * Returns the value of a step.
     *
     * @param step from 0 to {@code steps}
     * @param steps of the whole training, at least 1
     */
    double at(long step, long steps);

    /** Returns a schedule that stays the same. */
    static Schedule constant(double value) {
        return new Constant(value);
    }

    /** Returns a straight line from the first value to the last. */
    static Schedule linear(double from, double to) {
        return new Linear(from, to);
    }

    /**
     * Returns half a cosine from the first value to the last.
     *
     * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter, SGDR, ICLR 2017</a>
     */
    static Schedule cosine(double from, double to) {
        return new Cosine(from, to);
    }

    /** Returns a schedule with the same factor from each step to the next; both values are above 0. */
    static Schedule exponential(double from, double to) {
        return new Exponential(from, to);
    }

    /** Returns this schedule with every value multiplied by a factor. */
    default Schedule times(double factor) {
        return new Scaled(this, factor);
    }

    /**
     * Returns this schedule after a straight rise to its first value: over n = max(1, round(share·steps)) steps, step i has the share
     * (i + 1)/n of it. This schedule then takes the steps that are left.
     *
     * @param share of the steps, in [0, 1]
     */
    default Schedule warmedUp(double share) {
        return new WarmedUp(this, share);
    }

    /** {@link Schedule#constant}. */
    record Constant(double value) implements Schedule {
        /** Checks the value. */
        public Constant {
            requireFinite(value);
        }

        @Override
        public double at(long step, long steps) {
            progress(step, steps);
            return value;
        }
    }

    /** {@link Schedule#linear}. */
    record Linear(double from, double to) implements Schedule {
        /** Checks the values. */
        public Linear {
            requireFinite(from);
            requireFinite(to);
        }

        @Override
        public double at(long step, long steps) {
            double progress = progress(step, steps);
            return step == steps ? to : from + progress * (to - from);
        }
    }

    /** {@link Schedule#cosine}. */
    record Cosine(double from, double to) implements Schedule {
        /** Checks the values. */
        public Cosine {
            requireFinite(from);
            requireFinite(to);
        }

        @Override
        public double at(long step, long steps) {
            return to + (from - to) * (1 + Math.cos(Math.PI * progress(step, steps))) / 2;
        }
    }

    /** {@link Schedule#exponential}. */
    record Exponential(double from, double to) implements Schedule {
        /** Checks the values. */
        public Exponential {
            requireFinite(from);
            requireFinite(to);
            if (!(from > 0 && to > 0)) {
                throw new IllegalArgumentException(
                        "an exponential schedule needs values above 0; got " + from + " and " + to);
            }
        }

        @Override
        public double at(long step, long steps) {
            double progress = progress(step, steps);
            return step == steps ? to : from * Math.pow(to / from, progress);
        }
    }

    /** {@link Schedule#times}. */
    record Scaled(Schedule schedule, double factor) implements Schedule {
        /** Checks the factor. */
        public Scaled {
            requireFinite(factor);
        }

        @Override
        public double at(long step, long steps) {
            return factor * schedule.at(step, steps);
        }
    }

    /** {@link Schedule#warmedUp}. */
    record WarmedUp(Schedule schedule, double share) implements Schedule {
        /** Checks the share. */
        public WarmedUp {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("the share that warms up must be in [0, 1]; got " + share);
            }
        }

        @Override
        public double at(long step, long steps) {
            progress(step, steps);
            long rise = Math.max(1, Math.round(share * steps));
            long left = Math.max(1, steps - rise);
            return step < rise ? schedule.at(0, left) * (step + 1) / rise : schedule.at(step - rise, left);
        }
    }

    private static double progress(long step, long steps) {
        if (step < 0 || step > steps || steps < 1) {
            throw new IllegalArgumentException(
                    "a step must be from 0 to the number of steps, at least 1; got " + step + " of " + steps);
        }
        return (double) step / steps;
    }

    private static void requireFinite(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("the values of a schedule must be finite; got " + value);
        }
    }
}
