package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.file.ProcessEnvironment;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideProcessTest {
    private static final List<String> VARIABLES = List.of(
            "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_THREAD_TIMEOUT", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT");

    /** A side that writes to a file whenever it works, so that the order of both sides' work shows. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            SideProcess.serve(() -> {
                System.out.println("no answer"); // goes to standard error
                return Map.<String, Supplier<?>>of(
                        "number",
                        () -> 0.1,
                        "not a number",
                        () -> Double.NaN,
                        "text",
                        () -> "ä\n" + arguments[0],
                        "work",
                        () -> note(Path.of(arguments[0]), "b"),
                        "fail",
                        () -> {
                            throw new IllegalArgumentException("k must be at least 1;\ngot 0");
                        },
                        "die",
                        () -> {
                            Runtime.getRuntime().halt(7);
                            return 0;
                        });
            });
        }
    }

    /** A side that cannot be prepared. */
    static final class Unprepared {
        private Unprepared() {}

        public static void main(String[] arguments) {
            SideProcess.serve(() -> {
                throw new IllegalStateException("no such weights");
            });
        }
    }

    /** What the test starts under a host's settings: asks a side of its own which of the variables it sees. */
    static final class Host {
        private Host() {}

        public static void main(String[] arguments) {
            try (SideProcess side = SideProcess.start(Seen.class)) {
                System.out.println(System.getenv("OPENBLAS_CORETYPE") + " " + side.ask("variables", List.class));
            }
        }
    }

    /** A side that says which of the variables it sees. */
    static final class Seen {
        private Seen() {}

        public static void main(String[] arguments) {
            SideProcess.serve(() -> Map.of(
                    "variables",
                    () -> VARIABLES.stream()
                            .filter(name -> !ProcessEnvironment.get(name).isEmpty())
                            .toList()));
        }
    }

    /** What the test stops while its side works for ten minutes. */
    static final class Stopped {
        private Stopped() {}

        public static void main(String[] arguments) {
            try (SideProcess side = SideProcess.start(Busy.class)) {
                System.out.println(side.ask("process", Long.class));
                side.number("sleep");
            }
        }
    }

    /** A side that takes long. */
    static final class Busy {
        private Busy() {}

        public static void main(String[] arguments) {
            SideProcess.serve(() ->
                    Map.of("process", () -> ProcessHandle.current().pid(), "sleep", () -> {
                        LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(10));
                        return 0;
                    }));
        }
    }

    private static double note(Path file, String letter) {
        try {
            Files.writeString(file, letter, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return 3;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void answersAreWhatTheSideReturns() {
        try (SideProcess side = SideProcess.start(Child.class, "argument")) {
            assertThat(side.number("number")).isEqualTo(0.1);
            assertThat(side.number("not a number")).isNaN();
            assertThat(side.ask("text", String.class)).isEqualTo("ä\nargument");
        }
    }

    @Test
    void bothSidesWorkInTurns(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("order");
        try (SideProcess side = SideProcess.start(Child.class, file.toString())) {
            PairedTiming timing = PairedTiming.measure(() -> note(file, "a"), () -> side.number("work"), 0, 3);
            assertThat(timing.referenceMillis()).isEqualTo(3);
        }
        assertThat(Files.readString(file)).isEqualTo("ab" + "ababab");
    }

    @Test
    void aHostsSettingsDoNotReachASide() throws IOException {
        ProcessBuilder host = ChildJvm.builder(List.of(), Host.class, List.of());
        VARIABLES.forEach(name -> host.environment().put(name, name.equals("OPENBLAS_CORETYPE") ? "Haswell" : "512"));
        Process process = host.start();
        assertThat(process.inputReader().readLine()).isEqualTo("Haswell []");
        assertThat(process.onExit().join().exitValue()).isZero();
    }

    @Test
    void aSideThatFailsSaysWhy() {
        try (SideProcess side = SideProcess.start(Child.class, "")) {
            assertThatThrownBy(() -> side.number("fail"))
                    .hasMessage("the process of Child must answer fail; got java.lang.IllegalArgumentException: "
                            + "k must be at least 1; got 0");
            assertThatThrownBy(() -> side.number("number"))
                    .hasMessage("the process of Child must answer number; got exit status 1");
        }
        try (SideProcess side = SideProcess.start(Child.class, "")) {
            assertThatThrownBy(() -> side.number("nothing"))
                    .hasMessageContaining("requests must be among")
                    .hasMessageEndingWith("; got nothing");
        }
    }

    @Test
    void aSideThatDiesOrIsNotPreparedGivesOneLine() {
        try (SideProcess side = SideProcess.start(Child.class, "")) {
            assertThatThrownBy(() -> side.number("die"))
                    .hasMessage("the process of Child must answer die; got exit status 7");
        }
        try (SideProcess side = SideProcess.start(Unprepared.class)) {
            assertThatThrownBy(() -> side.number("number"))
                    .hasMessage("the process of Unprepared must answer number; "
                            + "got java.lang.IllegalStateException: no such weights");
        }
    }

    @Test
    void aSideAtWorkEndsWithItsParent() throws IOException {
        Process parent = ChildJvm.builder(List.of(), Stopped.class, List.of()).start();
        long side = Long.parseLong(parent.inputReader().readLine());
        Optional<ProcessHandle> working = ProcessHandle.of(side);
        assertThat(working).isPresent();
        parent.destroy();
        ProcessHandle ended =
                working.orElseThrow().onExit().orTimeout(2, TimeUnit.MINUTES).join();
        assertThat(ended.isAlive()).isFalse();
    }

    @Test
    void aSideEndsWithItsParentsPipe() throws IOException {
        Process process = ChildJvm.builder(List.of(), Child.class, List.of("")).start();
        try (OutputStream requests = process.getOutputStream()) {
            requests.write("number\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(process.inputReader().lines()).containsExactly("answer 0.1");
        assertThat(process.onExit().join().exitValue()).isZero();
    }
}
