package dev.lapidary.runtime.generate;

import java.util.List;
import java.util.function.Consumer;

/** Passes a text on piece by piece up to the first stop text, holding back whatever may turn out to be the start of one. */
public final class StopFilter {
    private final List<String> stops;
    private final Consumer<String> out;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** Passes pieces on to out, which never gets a part of a stop text. */
    public StopFilter(List<String> stops, Consumer<String> out) {
        this.stops = stops;
        this.out = out;
    }

    /** Takes the next piece and says whether a stop text has come. */
    public boolean accept(String piece) {
        if (stopped) {
            return true;
        }
        held.append(piece);
        int at = earliest();
        stopped = at >= 0;
        pass(stopped ? at : held.length() - open());
        if (stopped) {
            held.setLength(0);
        }
        return stopped;
    }

    /** Passes on what was held back: no more comes. */
    public void end() {
        pass(held.length());
    }

    private int earliest() {
        int earliest = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            earliest = at >= 0 && (earliest < 0 || at < earliest) ? at : earliest;
        }
        return earliest;
    }

    /** The length of the longest end that begins a stop text. */
    private int open() {
        int open = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > open; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    open = length;
                }
            }
        }
        return open;
    }

    private void pass(int letters) {
        if (letters > 0) {
            out.accept(held.substring(0, letters));
            held.delete(0, letters);
        }
    }
}
