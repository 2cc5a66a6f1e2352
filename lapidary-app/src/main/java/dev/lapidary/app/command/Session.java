package dev.lapidary.app.command;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.io.PrintStream;

/**
 * Where one run of the command line writes, draws its progress and hears of Ctrl-C.
 *
 * @param out gets results only
 * @param err gets remarks, warnings and failures
 */
public record Session(PrintStream out, PrintStream err, Progress progress, Cancellation cancellation) {
    /** One that draws nothing and is never stopped. */
    public static Session quiet(PrintStream out, PrintStream err) {
        return new Session(out, err, Progress.silent(), Cancellation.none());
    }
}
