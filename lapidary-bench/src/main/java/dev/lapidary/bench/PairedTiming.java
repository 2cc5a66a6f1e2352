package dev.lapidary.bench;

import java.util.Arrays;

/**
 * Times two pieces of work in turns, so that what else the machine does falls on both.
 *
 * @param ourMillis median time of one call of ours
 * @param referenceMillis median time of one call of the reference
 * @param repetitions how often each side was timed
 */
record PairedTiming(double ourMillis, double referenceMillis, int repetitions) {
    /** Works once, long enough for the clock, here or in another process, and returns the milliseconds of one call. */
    @FunctionalInterface
    interface Timed {
        double millis();
    }

    /** A piece of work in this process and how many calls of it make one measurement long enough for the clock. */
    record Side(Runnable work, int calls) implements Timed {
        @Override
        public double millis() {
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                work.run();
            }
            return (System.nanoTime() - start) / 1e6 / calls;
        }
    }

    /** Warms both sides up for a time, then measures them in turns. */
    static PairedTiming measure(Timed ours, Timed reference, double warmUpSeconds, int repetitions) {
        warmUp(ours::millis, warmUpSeconds);
        warmUp(reference::millis, warmUpSeconds);
        double[] our = new double[repetitions];
        double[] other = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            our[i] = ours.millis();
            other[i] = reference.millis();
        }
        return new PairedTiming(median(our), median(other), repetitions);
    }

    /** Returns the median milliseconds of one call of one side alone. */
    static double alone(Timed side, double warmUpSeconds, int repetitions) {
        warmUp(side::millis, warmUpSeconds);
        double[] millis = new double[repetitions];
        Arrays.setAll(millis, i -> side.millis());
        return median(millis);
    }

    /** Repeats a piece of work for a time, at least once. */
    static void warmUp(Runnable work, double seconds) {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            work.run();
        } while (System.nanoTime() < end);
    }

    /** Returns the middle value, of an even number the mean of both. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Returns how many times faster ours is. */
    double ratio() {
        return referenceMillis / ourMillis;
    }
}
