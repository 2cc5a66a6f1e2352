package dev.lapidary.app;

import dev.lapidary.app.command.Durations;
import dev.lapidary.runtime.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Says how far long work is in plain lines, for logs and wherever nothing can be drawn: one line a task and half minute at most, so
 * that tasks which are shorter say nothing.
 */
final class LineProgress implements Progress {
    private static final long PAUSE = Duration.ofSeconds(30).toNanos();
    private static final double NANOS = 1e-9;

    private final PrintStream lines;
    private final LongSupplier nanoTime;

    /** Writes to a stream, by a clock such as {@link System#nanoTime}. */
    LineProgress(PrintStream lines, LongSupplier nanoTime) {
        this.lines = lines;
        this.nanoTime = nanoTime;
    }

    @Override
    public Task start(String name, long total) {
        return new LineTask(name, total);
    }

    private final class LineTask implements Task {
        private final String name;
        private final long total;
        private final long begin = nanoTime.getAsLong();
        private long said = begin;
        private long done;
        private String note = "";

        LineTask(String name, long total) {
            this.name = name;
            this.total = total;
        }

        @Override
        public synchronized void advance(long steps) {
            done += steps;
            long now = nanoTime.getAsLong();
            if (now - said >= PAUSE) {
                said = now;
                lines.println(line(now));
            }
        }

        @Override
        public synchronized void note(String text) {
            note = text;
        }

        @Override
        public void close() {}

        private String line(long now) {
            StringBuilder line = new StringBuilder(name).append(": ").append(done);
            if (total >= 0) {
                line.append('/').append(total);
            }
            if (done > 0 && total >= done) {
                double left = (now - begin) * NANOS / done * (total - done);
                line.append(", ").append(Durations.text(left)).append(" left");
            }
            return note.isEmpty() ? line.toString() : line + ", " + note;
        }
    }
}
