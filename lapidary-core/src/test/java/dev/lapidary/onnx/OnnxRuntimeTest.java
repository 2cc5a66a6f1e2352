package dev.lapidary.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** ONNX Runtime starts, and tells nobody, however the process was started. */
class OnnxRuntimeTest {
    private static final int LONG = 60_000; // letters, as class paths of large projects have

    @Test
    void startsWhereTheCommandLineIsLong() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-Dpadding=" + "x".repeat(LONG),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Start.class.getName())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out).contains("started 1.");
    }

    /** What the process runs. */
    static final class Start {
        private Start() {}

        /** Starts ONNX Runtime. */
        public static void main(String[] args) {
            System.out.println("started " + OnnxRuntime.environment().getVersion());
        }
    }
}
