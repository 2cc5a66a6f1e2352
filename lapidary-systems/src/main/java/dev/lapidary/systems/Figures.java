package dev.lapidary.systems;

import dev.lapidary.systems.Evidence.ArmFound;
import dev.lapidary.systems.Evidence.TrialFound;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** Figures of evidence as pages, reports and the command line write them. */
public final class Figures {
    private Figures() {}

    /** Returns all figures of an arm, timed ones last. */
    public static SequencedMap<String, List<Double>> of(ArmFound arm) {
        SequencedMap<String, List<Double>> all = new LinkedHashMap<>(arm.figures());
        all.putAll(arm.timed());
        return all;
    }

    /** Returns the names of all figures of a trial, in the order in which arms have them. */
    public static List<String> names(TrialFound trial) {
        Set<String> names = new LinkedHashSet<>();
        trial.arms().forEach(arm -> names.addAll(of(arm).keySet()));
        return List.copyOf(names);
    }

    /** Returns the mean over the seeds with the standard deviation behind it, or "-" where the arm lacks the figure. */
    public static String mean(Map<String, List<Double>> figures, String name) {
        List<Double> values = figures.get(name);
        if (values == null || values.isEmpty()) {
            return "-";
        }
        double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return values.size() < 2 || squares == 0
                ? number(mean)
                : number(mean) + " ± " + number(Math.sqrt(squares / (values.size() - 1)));
    }

    /** Returns the two ends of an interval in brackets. */
    public static String interval(List<Double> ends) {
        return "[" + number(ends.get(0)) + ", " + number(ends.get(1)) + "]";
    }

    /** Returns a number with four significant digits, or all digits of a whole number. */
    public static String number(double value) {
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e9) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        if (size >= 1e-3 && size < 1e6) {
            int digits = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
            return String.format(Locale.ROOT, "%." + digits + "f", value);
        }
        return String.format(Locale.ROOT, "%.2e", value);
    }
}
