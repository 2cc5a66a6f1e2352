package dev.lapidary.trial;

import dev.lapidary.count.Cost;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one arm measured under one seed: named figures, in the order in which they were added.
 *
 * <p>Timed figures are those that differ from run to run on one machine, such as milliseconds and ratios of them; all others are a
 * function of the seed, on one machine with the same settings.
 *
 * @param figures by name, each finite
 * @param timed by name, each finite
 */
public record Outcome(Map<String, Double> figures, Map<String, Double> timed) {
    /** The name of the figure for trained numbers. */
    public static final String PARAMETERS = "parameters";

    /** The name of the figure for stored bytes, with every index, scale and table. */
    public static final String BYTES = "bytes";

    /** The name of the figure for multiply-adds of one pass forward. */
    public static final String MULTIPLY_ADDS = "multiplyAdds";

    /** Checks and copies the figures. */
    public Outcome {
        figures = copy(figures);
        timed = copy(timed);
        for (String name : timed.keySet()) {
            if (figures.containsKey(name)) {
                throw new IllegalArgumentException("a figure must be timed or not; got " + name + " as both");
            }
        }
    }

    private static Map<String, Double> copy(Map<String, Double> figures) {
        figures.forEach((name, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("figures must be finite; got " + name + "=" + value);
            }
        });
        return Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }

    /** Returns an outcome with one figure. */
    public static Outcome of(String name, double value) {
        return new Outcome(Map.of(name, value), Map.of());
    }

    /** Returns an outcome without figures, to add some. */
    public static Outcome none() {
        return new Outcome(Map.of(), Map.of());
    }

    /** Returns a copy with one more figure. */
    public Outcome with(String name, double value) {
        return new Outcome(added(figures, name, value), timed);
    }

    /** Returns a copy with one more timed figure. */
    public Outcome withTimed(String name, double value) {
        return new Outcome(figures, added(timed, name, value));
    }

    /** Returns a copy with parameters, bytes and multiply-adds. */
    public Outcome with(Cost cost) {
        return with(PARAMETERS, cost.parameters()).with(BYTES, cost.bytes()).with(MULTIPLY_ADDS, cost.multiplyAdds());
    }

    private static Map<String, Double> added(Map<String, Double> figures, String name, double value) {
        Map<String, Double> all = new LinkedHashMap<>(figures);
        if (all.put(name, value) != null) {
            throw new IllegalArgumentException("figures must have distinct names; got two " + name);
        }
        return all;
    }

    /** Returns a figure, timed or not. */
    public double figure(String name) {
        Double value = figures.getOrDefault(name, timed.get(name));
        if (value == null) {
            throw new IllegalArgumentException(
                    "the figure must be one of " + figures.keySet() + " and " + timed.keySet() + "; got " + name);
        }
        return value;
    }
}
