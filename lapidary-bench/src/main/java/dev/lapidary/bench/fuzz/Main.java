package dev.lapidary.bench.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads mutated files of every format for some seconds, or so many of each; what is not a documented exception is kept and shown. */
public final class Main {
    private static final String USAGE =
            "usage: lapidary fuzz [--seconds N] [--count N] [--seed N] [--only NAME] [--evidence FILE] (seconds for each"
                    + " format; default 10; FILE holds the counts as JSON, and those of a format are replaced)";
    private static final Path KEPT = Path.of("fuzz-found");

    private long seconds = 10;
    private long count = Long.MAX_VALUE;
    private long seed = System.nanoTime();
    private String only = "";
    private @Nullable Path evidence;
    private long found;

    private Main() {}

    /** Reads mutants until the time or the number is used up; exit status 1 where one was not refused as documented. */
    public static void main(String[] arguments) throws IOException {
        Main main = new Main();
        if (!main.parse(arguments)) {
            System.err.println(USAGE);
            System.exit(2);
        }
        main.run();
        System.exit(main.found == 0 ? 0 : 1);
    }

    private boolean parse(String[] arguments) {
        if (arguments.length % 2 != 0) {
            return false;
        }
        try {
            for (int i = 0; i < arguments.length; i += 2) {
                String value = arguments[i + 1];
                switch (arguments[i]) {
                    case "--seconds" -> seconds = Long.parseLong(value);
                    case "--count" -> {
                        count = Long.parseLong(value);
                        seconds = Long.MAX_VALUE >> 31;
                    }
                    case "--seed" -> seed = Long.parseLong(value);
                    case "--only" -> only = value;
                    case "--evidence" -> evidence = Path.of(value);
                    default -> {
                        return false;
                    }
                }
            }
            return true;
        } catch (NumberFormatException bad) {
            return false;
        }
    }

    private void run() throws IOException {
        System.out.printf(
                "%-28s %10s %10s %10s %8s %12s%n", "format", "inputs", "read", "refused", "found", "slowest ms");
        List<FuzzFormat> formats = new ArrayList<>(FuzzFormats.all());
        formats.addAll(FuzzFormats.trained());
        for (FuzzFormat format : formats) {
            if (format.name().contains(only)) {
                run(format);
            }
        }
    }

    private void run(FuzzFormat format) throws IOException {
        try (FuzzRun run = new FuzzRun(format)) {
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            for (long i = 0; i < count && System.nanoTime() < end; i++) {
                run.step(seed + i);
            }
            System.out.printf(
                    "%-28s %10d %10d %10d %8d %12d%n",
                    run.name(),
                    run.count(),
                    run.read(),
                    run.refused(),
                    run.found().size(),
                    run.slowestMillis());
            for (FuzzRun.Found one : run.found()) {
                keep(one);
            }
            if (evidence != null) {
                FuzzEvidence.add(evidence, run, seed);
            }
        }
    }

    private void keep(FuzzRun.Found one) throws IOException {
        found++;
        Files.createDirectories(KEPT);
        Path file = Files.write(KEPT.resolve(one.format() + "-" + one.seed()), one.input());
        System.err.println(file + ": " + one.thrown());
        StackTraceElement[] trace = one.thrown().getStackTrace();
        for (int i = 0; i < Math.min(8, trace.length); i++) {
            System.err.println("    at " + trace[i]);
        }
    }
}
