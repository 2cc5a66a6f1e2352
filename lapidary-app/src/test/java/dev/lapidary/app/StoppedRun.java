package dev.lapidary.app;

import dev.lapidary.app.command.CommandTree;
import dev.lapidary.app.command.Session;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command left that was asked to stop in the middle of a task, as by Ctrl-C.
 *
 * @param status exit status
 * @param err what it said
 * @param task full name of the task in which it was asked, empty where none was so named
 */
record StoppedRun(int status, String err, String task) {
    /** Runs a command that is asked to stop after some steps of the first task whose name begins so. */
    static StoppedRun after(long steps, String task, List<String> words) {
        Stopping progress = new Stopping(steps, task);
        var err = new ByteArrayOutputStream();
        PrintStream none = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Session session =
                new Session(none, new PrintStream(err, true, StandardCharsets.UTF_8), progress, progress.cancellation);
        int status = CommandTree.run(session, words.toArray(String[]::new));
        return new StoppedRun(status, err.toString(StandardCharsets.UTF_8), progress.stoppedIn);
    }

    private static final class Stopping implements Progress {
        private final Cancellation cancellation = new Cancellation();
        private final long steps;
        private final String task;
        private String stoppedIn = "";

        Stopping(long steps, String task) {
            this.steps = steps;
            this.task = task;
        }

        @Override
        public Task start(String name, long total) {
            if (!stoppedIn.isEmpty() || !name.startsWith(task)) {
                return Progress.silent().start(name, total);
            }
            stoppedIn = name;
            return new Counting();
        }

        private final class Counting implements Task {
            private long done;

            @Override
            public void advance(long more) {
                done += more;
                if (done >= steps) {
                    cancellation.cancel();
                }
            }

            @Override
            public void close() {}
        }
    }
}
