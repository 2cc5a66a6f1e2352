package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.file.ProcessEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starts JVMs of their own on an empty cache, as a fresh machine does. */
final class FirstLaunchTest {
    private static final String FINE = "sum 3.0, policy passive";

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("lapidary-first-launch");
    }

    /** By hand, because JavaCPP links into folders outside, which JUnit's temporary folders warn about. */
    @AfterEach
    void deleteFolder() throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * Two at once, with libraries in front of the search path that bear PyTorch's names and hold nothing, as an older
     * libtorch of the system would: whoever picks one up fails.
     */
    @Test
    void twoProcessesStartAtOnceOnAnEmptyCacheBesideAForeignLibtorch() throws IOException, InterruptedException {
        assumeTrue(Loader.getPlatform().startsWith("linux"), "the foreign library is made for Linux");
        Path foreign = foreignLibraries();
        Process one = start(Map.of("LD_LIBRARY_PATH", foreign.toString()));
        Process two = start(Map.of("LD_LIBRARY_PATH", foreign.toString()));
        assertThat(output(one)).isEqualTo(FINE);
        assertThat(output(two)).isEqualTo(FINE);
        assertThat(folder.resolve("cache/javacpp")).isDirectoryRecursivelyContaining("glob:**/libtorch_cpu.so");
    }

    @Test
    void thePolicyThatTheUserSetStays() throws IOException, InterruptedException {
        Process process = start(Map.of(
                "OMP_WAIT_POLICY", "active", "LAPIDARY_CACHE", System.getenv().getOrDefault("LAPIDARY_CACHE", "")));
        assertThat(output(process)).isEqualTo("sum 3.0, policy active");
    }

    @Test
    void anUnwritableCacheGivesOneLine() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Process process = start(Map.of("LAPIDARY_CACHE", file.toString()));
        assertThat(output(process)).contains(file.toString()).doesNotContain("\n");
    }

    private Path foreignLibraries() throws IOException, InterruptedException {
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Path source = Files.writeString(folder.resolve("foreign.c"), "int lapidary_foreign = 1;\n");
        for (String name : List.of("libtorch.so", "libtorch_cpu.so", "libc10.so", "libopenblas.so.0")) {
            assumeTrue(
                    compile(
                            "gcc",
                            "-shared",
                            "-fPIC",
                            "-Wl,-soname," + name,
                            "-o",
                            foreign.resolve(name).toString(),
                            source.toString()),
                    "gcc is needed to make a foreign libtorch");
        }
        return foreign;
    }

    private static boolean compile(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Process start(Map<String, String> environment) throws IOException {
        var builder = OwnJvm.of(Launch.class)
                .flags(
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + folder.resolve("crash.log"))
                .builder();
        builder.environment().remove("OMP_WAIT_POLICY");
        builder.environment().put("LAPIDARY_CACHE", folder.resolve("cache").toString());
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true).start();
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out.lines()
                .filter(line -> !line.startsWith("SLF4J")) // this module brings no logger
                .collect(Collectors.joining("\n"))
                .strip();
    }

    /** What the started JVM runs. */
    static final class Launch {
        private Launch() {}

        public static void main(String[] args) {
            try {
                Torch.load();
                try (Tensor ones = torch.ones(3);
                        Tensor sum = ones.sum()) {
                    System.out.println(
                            "sum " + sum.item_float() + ", policy " + ProcessEnvironment.get("OMP_WAIT_POLICY"));
                }
            } catch (RuntimeException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
