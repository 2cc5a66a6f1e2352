package dev.lapidary.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs main classes one after the other in the folder where this JVM was started. The files of a program lie in a folder beside
 * it that has the program's name; they are here while it runs, and it prints into a file there.
 */
final class ProgramRun {
    /** What a program printed. */
    static final String LOG = "log.txt";

    /** Exists where a program ended in an exception, or left a thread that would keep its JVM alive. */
    static final String FAILED = "failed.txt";

    private ProgramRun() {}

    /** Runs the programs named. */
    public static void main(String[] programs) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        for (String program : programs) {
            Path home = here.resolveSibling(program);
            moveAll(home, here);
            try (PrintStream log = new PrintStream(home.resolve(LOG).toFile(), StandardCharsets.UTF_8)) {
                System.setOut(log);
                System.setErr(log);
                run(program, home, log);
            }
            moveAll(here, home);
        }
    }

    private static void run(String program, Path home, PrintStream log) throws IOException {
        try {
            Class.forName(program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
            List<Thread> left = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !thread.isDaemon() && !thread.equals(Thread.currentThread()))
                    .toList();
            if (!left.isEmpty()) {
                log.println("threads that keep the JVM alive: " + left);
                Files.createFile(home.resolve(FAILED));
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            e.printStackTrace(log);
            Files.createFile(home.resolve(FAILED));
        }
    }

    private static void moveAll(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(from)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.move(file, to.resolve(file.getFileName()));
        }
    }
}
