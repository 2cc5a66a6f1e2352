package dev.lapidary.relax;

/** A number that depends on the progress of a run: a temperature, a rate, a penalty. */
public sealed interface Schedule {
    /**
     * Returns the value.
     *
     * @param progress share of the run that is done, in [0, 1], unitless
     */
    double value(double progress);

    /** The same level all along. */
    record Constant(double level) implements Schedule {
        public Constant {
            requireFinite(level, level);
        }

        @Override
        public double value(double progress) {
            requireShare("progress", progress);
            return level;
        }
    }

    /** A straight line: from at the start, to at the end. */
    record Linear(double from, double to) implements Schedule {
        public Linear {
            requireFinite(from, to);
        }

        @Override
        public double value(double progress) {
            requireShare("progress", progress);
            return progress == 1 ? to : from + progress * (to - from);
        }
    }

    /**
     * A line from 0 up to from during warm-up, then half a cosine to the last value: to + (from − to)·(1 + cos πt)/2 with t
     * the share of the rest that is done.
     *
     * @param warmUp share of the run that warms up, in [0, 1); 0 for none
     * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter, SGDR, ICLR 2017</a>
     */
    record Cosine(double from, double to, double warmUp) implements Schedule {
        public Cosine {
            requireFinite(from, to);
            if (!(warmUp >= 0 && warmUp < 1)) {
                throw new IllegalArgumentException("warm-up must be in [0, 1); got " + warmUp);
            }
        }

        @Override
        public double value(double progress) {
            requireShare("progress", progress);
            if (progress < warmUp) {
                return from * progress / warmUp;
            }
            double t = (progress - warmUp) / (1 - warmUp);
            return to + (from - to) * (1 + Math.cos(Math.PI * t)) / 2;
        }
    }

    /** A constant factor per unit of progress: from·(to/from)^progress; both positive. */
    record Exponential(double from, double to) implements Schedule {
        public Exponential {
            requireFinite(from, to);
            if (!(from > 0 && to > 0)) {
                throw new IllegalArgumentException(
                        "an exponential schedule needs positive ends; got " + from + " and " + to);
            }
        }

        @Override
        public double value(double progress) {
            requireShare("progress", progress);
            return progress == 1 ? to : from * Math.pow(to / from, progress);
        }
    }

    private static void requireFinite(double from, double to) {
        if (!Double.isFinite(from) || !Double.isFinite(to)) {
            throw new IllegalArgumentException("a schedule's values must be finite; got " + from + " and " + to);
        }
    }

    private static void requireShare(String what, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(what + " must be in [0, 1]; got " + share);
        }
    }
}
