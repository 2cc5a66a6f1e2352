package dev.lapidary.app;

import dev.lapidary.runtime.Progress;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Draws progress with the remaining time as one line on standard error.
 *
 * <p>Where several tasks are under way, within each other or side by side, the one begun last is drawn; when it ends the one before
 * comes back. What ends last leaves its line. Without a terminal {@link LineProgress} takes its place.
 */
public final class TerminalProgress implements Progress {
    private static final int WIDTH = 80; // columns
    private static final int REFRESH_MILLIS = 200;

    private final PrintStream terminal;
    /** The tasks under way, the one that is drawn first; guarded by itself. */
    private final Deque<Line> lines = new ArrayDeque<>();

    /** Draws on a stream whatever it is; {@link #standard()} is for use. */
    TerminalProgress(PrintStream terminal) {
        this.terminal = terminal;
    }

    /** Returns progress on standard error, drawn where that is a terminal, else a plain line now and then. */
    public static Progress standard() {
        return isTerminal() ? new TerminalProgress(System.err) : new LineProgress(System.err, System::nanoTime);
    }

    @Override
    public Task start(String name, long total) {
        Line line = new Line();
        synchronized (lines) {
            lines.push(line);
        }
        boolean unicode = terminal.charset().equals(StandardCharsets.UTF_8);
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total)
                .setStyle(unicode ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .continuousUpdate()
                .setConsumer(line)
                .build();
        return new Bar(bar, line);
    }

    /**
     * Whether standard error is a terminal that can draw. Java's console only tells about standard input and output, and output is
     * often redirected where progress is wanted; so Linux is asked where descriptor 2 leads.
     */
    @SuppressWarnings("SystemConsoleNull") // null where the runtime image has no console
    private static boolean isTerminal() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            Console console = System.console();
            return console != null && console.isTerminal();
        }
    }

    private record Bar(ProgressBar bar, Line line) implements Task {
        @Override
        public void advance(long steps) {
            bar.stepBy(steps);
        }

        @Override
        public void note(String text) {
            bar.setExtraMessage(text);
        }

        @Override
        public void close() {
            bar.close();
            // here, and not in Line.close, which the library does not call where a task ends before its first drawing
            line.end();
        }
    }

    /** Where one bar is drawn: on the terminal while its task is the last begun, else nowhere. */
    private final class Line implements ProgressBarConsumer {
        // with a width, and not by the library's default, which would load native code to ask the terminal
        private final ConsoleProgressBarConsumer console = new ConsoleProgressBarConsumer(terminal, WIDTH);

        @Override
        public int getMaxRenderedLength() {
            return console.getMaxRenderedLength();
        }

        @Override
        public void accept(String text) {
            synchronized (lines) {
                if (lines.peek() == this) {
                    console.accept(text);
                    terminal.flush();
                }
            }
        }

        @Override
        public void close() {}

        private void end() {
            synchronized (lines) {
                boolean drawn = lines.peek() == this;
                lines.remove(this);
                if (drawn && lines.isEmpty()) {
                    terminal.println();
                } else if (drawn) {
                    terminal.print("\r" + " ".repeat(WIDTH - 1) + "\r");
                }
            }
        }
    }
}
