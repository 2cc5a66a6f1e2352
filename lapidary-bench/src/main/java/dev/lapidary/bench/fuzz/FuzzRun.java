package dev.lapidary.bench.fuzz;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Reads mutated files of one format, and counts how each ended. */
final class FuzzRun implements AutoCloseable {
    private final FuzzFormat format;
    private final Path folder;
    private final Path file;
    private final byte[] valid;
    private long read;
    private long refused;
    private long slowestMillis;
    private final List<Found> found = new ArrayList<>();

    /**
     * An input that ended in an exception that is not documented.
     *
     * @param seed with which {@link #mutant} gives it again
     */
    record Found(String format, long seed, byte[] input, Throwable thrown) {}

    /** Writes the valid example and checks that it is read. */
    FuzzRun(FuzzFormat format) throws IOException {
        this.format = format;
        this.folder = Files.createTempDirectory("lapidary-fuzz-" + format.name());
        format.maker().make(folder);
        this.file = folder.resolve(format.file());
        this.valid = Files.readAllBytes(file);
        format.reader().read(folder);
    }

    /** Reads the mutant of a seed. */
    void step(long seed) throws IOException {
        byte[] input = mutant(seed);
        Files.deleteIfExists(file); // to cut off a file written just now may have to wait for the disk
        Files.write(file, input);
        long begin = System.nanoTime();
        try {
            format.reader().read(folder);
            read++;
        } catch (InputException | IOException | UncheckedIOException documented) {
            refused++;
        } catch (RuntimeException | Error thrown) {
            found.add(new Found(format.name(), seed, input, thrown));
        }
        slowestMillis = Math.max(slowestMillis, (System.nanoTime() - begin) / 1_000_000);
    }

    /** Returns the changed file of a seed. */
    byte[] mutant(long seed) {
        return format.sealing().apply(Mutation.of(valid, new SplittableRandom(seed)));
    }

    String name() {
        return format.name();
    }

    long count() {
        return read + refused + found.size();
    }

    long read() {
        return read;
    }

    long refused() {
        return refused;
    }

    /** Returns how long the slowest input took, milliseconds. */
    long slowestMillis() {
        return slowestMillis;
    }

    List<Found> found() {
        return List.copyOf(found);
    }

    @Override
    public void close() throws IOException {
        AtomicFiles.deleteTree(folder);
    }
}
