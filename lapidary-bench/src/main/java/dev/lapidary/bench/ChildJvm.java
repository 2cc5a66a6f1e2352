package dev.lapidary.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a class of the benchmarks in a JVM of its own, so that its peak of memory is that of its work alone. */
final class ChildJvm {
    private ChildJvm() {}

    /**
     * Runs a main class with a bounded heap and returns the last line that it prints.
     *
     * @throws IOException where it ends with another status than 0
     */
    static String lastLine(String heap, Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread stop = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(stop);
        String last = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .reduce("", (before, line) -> line);
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IOException(main.getSimpleName() + " " + arguments + " must succeed within a heap of " + heap
                    + "; got exit status " + status);
        }
        Runtime.getRuntime().removeShutdownHook(stop);
        return last;
    }

    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
