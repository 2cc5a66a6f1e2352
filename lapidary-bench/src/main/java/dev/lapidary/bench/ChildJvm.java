package dev.lapidary.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs classes of the benchmarks in JVMs of their own: their memory is that of their work alone, and OpenBLAS chooses its kernels and
 * block sizes by the processor, whatever the host has set.
 */
final class ChildJvm {
    /** Variables that choose OpenBLAS's kernels and block sizes, and how idle threads below PyTorch wait. No child sees them. */
    private static final List<String> UNSET = List.of(
            "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_THREAD_TIMEOUT", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT");

    private ChildJvm() {}

    /**
     * Returns how to start a main class with the options and the class path of this JVM; errors are printed where this JVM prints its
     * own.
     *
     * @param options further options of the JVM, which precede over this one's
     */
    static ProcessBuilder builder(List<String> options, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(options);
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), main.getName()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeAll(UNSET);
        return builder;
    }

    /**
     * Runs a main class with a bounded heap and returns the last line that it prints.
     *
     * @throws IOException where it ends with another status than 0
     */
    static String lastLine(String heap, Class<?> main, List<String> arguments) throws IOException {
        Process process = builder(List.of("-Xmx" + heap), main, arguments).start();
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
