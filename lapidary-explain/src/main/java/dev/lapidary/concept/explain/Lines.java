package dev.lapidary.concept.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Gathers plain lines for a terminal; numbers are written in the same way whatever the language of the machine. */
public final class Lines {
    private final List<String> lines = new ArrayList<>();

    /** Adds a line, formatted as by {@link String#format}. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation's library is no dependency
    public Lines add(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
        return this;
    }

    /** Writes a share as percent with one decimal. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** Writes a difference of shares as percentage points, with its sign. */
    public static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    @Override
    public String toString() {
        return String.join("\n", lines) + "\n";
    }
}
