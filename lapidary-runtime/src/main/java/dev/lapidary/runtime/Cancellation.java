package dev.lapidary.runtime;

import java.util.concurrent.CancellationException;

/** A flag that Ctrl-C or a caller sets and long work polls at points where it can stop with everything saved. */
public final class Cancellation {
    private volatile boolean requested;

    /** Returns one that nobody else holds, so that it is never set. */
    public static Cancellation none() {
        return new Cancellation();
    }

    /** Asks the work to stop at its next safe point. */
    public void cancel() {
        requested = true;
    }

    /** Whether somebody asked. */
    public boolean requested() {
        return requested;
    }

    /** Throws where somebody asked to stop. */
    public void check() {
        if (requested) {
            throw new CancellationException("stopped on request");
        }
    }
}
