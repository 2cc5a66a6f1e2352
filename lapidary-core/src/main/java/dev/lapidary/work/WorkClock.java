package dev.lapidary.work;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wall-clock seconds of work, summed over interruptions: what earlier sessions left in a file and what this one took so far.
 *
 * <p>Time between two sessions does not count, nor does what a killed session took after its last {@link #save}.
 */
public final class WorkClock {
    private static final Logger LOG = LoggerFactory.getLogger(WorkClock.class);
    private static final int LONGEST = 64; // characters of a file

    private final long begin = System.nanoTime();
    private final @Nullable Path file;
    private final double before;

    private WorkClock(@Nullable Path file, double before) {
        this.file = file;
        this.before = before;
    }

    /** Starts at 0 and is kept nowhere. */
    public static WorkClock start() {
        return new WorkClock(null, 0);
    }

    /** Starts at 0; {@link #save} writes a file. */
    public static WorkClock start(Path file) {
        return new WorkClock(file, 0);
    }

    /** Continues from the seconds in a file; starts at 0 if there is no file, or it holds no number of seconds. */
    public static WorkClock resume(Path file) {
        return new WorkClock(file, read(file));
    }

    private static double read(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.size(file) <= LONGEST) {
                double seconds = Double.parseDouble(Files.readString(file).strip());
                return seconds >= 0 && Double.isFinite(seconds) ? seconds : 0;
            }
        } catch (IOException | NumberFormatException unreadable) {
            LOG.warn("{} is no number of seconds; the clock starts at 0", file);
        }
        return 0;
    }

    /** Returns the seconds of all sessions. */
    public double seconds() {
        return before + sessionSeconds();
    }

    /** Returns the seconds of this session. */
    public double sessionSeconds() {
        return (System.nanoTime() - begin) * 1e-9;
    }

    /** Writes the seconds of all sessions to the file, if there is one. */
    public void save() {
        if (file == null) {
            return;
        }
        try {
            AtomicFiles.writeString(file, seconds() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
