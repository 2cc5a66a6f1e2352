package dev.lapidary.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime starts, and tells nobody, however the process was started. */
class OnnxRuntimeTest {
    private static final int LONG = 60_000; // letters, as class paths of large projects have

    @Test
    void startsWhereTheCommandLineIsLongAndUnpacksNothing(@TempDir Path temporary)
            throws IOException, InterruptedException {
        Process process = OwnJvm.of(Start.class)
                .flags(
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:-CreateCoredumpOnCrash",
                        "-Dpadding=" + "x".repeat(LONG),
                        "-Djava.io.tmpdir=" + temporary)
                .builder()
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out).contains("started 1.", "unpacked 0");
    }

    /** What the process runs. */
    static final class Start {
        private Start() {}

        /** Encodes a text, and says how many libraries ONNX Runtime unpacked for it. */
        public static void main(String[] args) throws IOException {
            try (TextEncoder encoder = OnnxTextEncoder.packaged()) {
                encoder.encode(List.of("a text"), Progress.silent()).close();
            }
            System.out.println("started " + OnnxRuntime.environment().getVersion());
            try (Stream<Path> files = Files.walk(Path.of(System.getProperty("java.io.tmpdir")))) {
                System.out.println("unpacked "
                        + files.filter(f -> f.toString().contains("onnxruntime"))
                                .filter(Files::isRegularFile)
                                .count());
            }
        }
    }
}
