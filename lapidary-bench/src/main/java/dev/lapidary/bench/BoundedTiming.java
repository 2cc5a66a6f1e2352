package dev.lapidary.bench;

import dev.lapidary.kernel.MachineProbe;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Two ways to read weights and do the same with them, and a probe that only reads memory, measured in turns: on a machine that
 * others use too, a share of the bandwidth means something only against what the memory gave at that moment.
 *
 * @param ratio how many times faster ours is, median of the turns
 * @param ourSpeed calls per second, median
 * @param referenceSpeed calls per second, median
 * @param ourShare of the probe's bytes per second, median of the turns
 * @param referenceShare the same of the other side
 * @param bandwidth the probe's bytes per second, median
 * @param repetitions turns
 */
record BoundedTiming(
        double ratio,
        double ourSpeed,
        double referenceSpeed,
        double ourShare,
        double referenceShare,
        double bandwidth,
        int repetitions) {
    private static final int PASSES = 4; // of the probe in a turn

    /**
     * One of the two.
     *
     * @param bytes that a call reads
     */
    record Side(Rate rate, long bytes) {}

    /** Works for some tens of milliseconds and returns calls per second. */
    @FunctionalInterface
    interface Rate {
        double measure();
    }

    /** Warms both sides up for a time, then measures them in turns. */
    static BoundedTiming measure(Side ours, Side reference, double warmUpSeconds, int threads, int repetitions) {
        PairedTiming.warmUp(ours.rate()::measure, warmUpSeconds);
        PairedTiming.warmUp(reference.rate()::measure, warmUpSeconds);
        double[] our = new double[repetitions];
        double[] other = new double[repetitions];
        double[] read = new double[repetitions];
        try (MachineProbe.Reading probe = new MachineProbe.Reading(threads)) {
            read(probe); // warms it up
            for (int i = 0; i < repetitions; i++) {
                our[i] = ours.rate().measure();
                read[i] = read(probe);
                other[i] = reference.rate().measure();
            }
        }
        return new BoundedTiming(
                median(repetitions, i -> our[i] / other[i]),
                PairedTiming.median(our),
                PairedTiming.median(other),
                median(repetitions, i -> our[i] * ours.bytes() / read[i]),
                median(repetitions, i -> other[i] * reference.bytes() / read[i]),
                PairedTiming.median(read),
                repetitions);
    }

    private static double read(MachineProbe.Reading probe) {
        double[] passes = new double[PASSES];
        Arrays.setAll(passes, i -> probe.pass());
        return PairedTiming.median(passes);
    }

    private static double median(int count, IntToDoubleFunction value) {
        double[] values = new double[count];
        Arrays.setAll(values, value);
        return PairedTiming.median(values);
    }

    /** Adds what every such benchmark reports. */
    void report(Map<String, Object> result) {
        result.put("ratio", ratio);
        result.put("denseBound", referenceShare);
        result.put("sparseBound", ourShare);
        result.put("bound", ourShare);
        result.put("boundOf", "reading main memory on the same threads, measured in turns with both sides");
        result.put("bandwidthGBs", bandwidth / 1e9);
        result.put("ourMillis", 1e3 / ourSpeed);
        result.put("referenceMillis", 1e3 / referenceSpeed);
        result.put("repetitions", repetitions);
    }
}
