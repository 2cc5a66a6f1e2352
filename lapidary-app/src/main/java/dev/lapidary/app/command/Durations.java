package dev.lapidary.app.command;

import java.util.Locale;

/** Measures and says how long something takes. */
public final class Durations {
    private Durations() {}

    /** Returns the seconds since a {@link System#nanoTime}. */
    static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Returns whole seconds below a minute and a half, else whole minutes, such as 31 s or 11 minutes. */
    public static String text(double seconds) {
        return seconds < 90
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f minutes", seconds / 60);
    }
}
