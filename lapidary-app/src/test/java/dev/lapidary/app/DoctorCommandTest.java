package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {
    @TempDir
    private Path folder;

    @Test
    void saysWhatRunsHereAndThatItIsRight() {
        CommandRun run = CommandRun.of("doctor", "--json");

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.json("healthy").booleanValue()).isTrue();
        assertThat(run.json().has("error")).isFalse();
        assertThat(run.json("machine").path("cores").intValue())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        JsonNode torch = run.json("libraries").path("pytorch");
        assertThat(torch.path("openBlas").stringValue()).contains("OpenBLAS");
        assertThat(torch.path("openBlasKernel").stringValue()).isNotBlank();
        assertThat(run.json("libraries").path("onnxRuntime").path("version").stringValue())
                .matches("[0-9.]+");
        assertThat(run.json("libraries").path("tokenizers").path("version").stringValue())
                .matches("[0-9.]+");
        assertThat(run.json("speed").path("bytesPerSecond").doubleValue()).isGreaterThan(1e6);
        assertThat(run.json("speed").path("flops").doubleValue()).isGreaterThan(1e6);
        assertThat(run.json("folders").findValuesAsString("name")).containsExactly("cache", "temporary", "home");
        assertThat(run.json("operations").findValuesAsString("operation"))
                .contains("linear", "attention", "LSTM", "SVD");
        assertThat(run.json("operations").findValuesAsString("verdict"))
                .allSatisfy(verdict -> assertThat(verdict).endsWith("right"));
    }

    @Test
    void saysWhyPyTorchCannotBeLoadedAndAllElse() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("cache"), "a file where the cache should be");
        ProcessBuilder java = ForkedJvm.of(Main.class, "doctor", "--json");
        java.environment().put("LAPIDARY_CACHE", file.toString());
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");

        Process process =
                java.redirectOutput(out.toFile()).redirectError(err.toFile()).start();

        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        List<String> lines = Files.readAllLines(out);
        JsonNode json = JsonMapper.shared().readTree(lines.getLast());
        assertThat(json.path("libraries").path("pytorch").path("problem").stringValue())
                .isEqualTo("the cache must be a folder (LAPIDARY_CACHE); got a file at " + file);
        assertThat(json.path("operations").size()).isZero();
        assertThat(json.path("environment").path("LAPIDARY_CACHE").stringValue())
                .isEqualTo(file.toString());
        assertThat(json.path("folders").get(0).path("writable").booleanValue()).isFalse();
        assertThat(json.path("speed").path("bytesPerSecond").doubleValue()).isGreaterThan(1e6);
        assertThat(json.path("status").intValue()).isEqualTo(1);
        assertThat(Files.readString(err)).contains("lapidary: PyTorch cannot be loaded: the cache must be a folder");
    }
}
