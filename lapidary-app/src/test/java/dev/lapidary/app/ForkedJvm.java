package dev.lapidary.app;

import dev.lapidary.runtime.OwnJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class of the tests in a JVM of its own, which hears SIGINT whatever this one was started with. */
final class ForkedJvm {
    private ForkedJvm() {}

    static ProcessBuilder of(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (interruptsAreIgnored()) {
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(OwnJvm.of(main, (Object[]) arguments).command());
        return new ProcessBuilder(command);
    }

    /** A build in the background of a shell has SIGINT ignored, and its children inherit that. */
    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line -> (Long.parseUnsignedLong(
                                                line.substring("SigIgn:".length())
                                                        .strip(),
                                                16)
                                        & 2)
                                != 0);
    }

    static void interrupt(Process process) throws IOException, InterruptedException {
        send("INT", process);
    }

    static void send(String signal, Process process) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
    }
}
