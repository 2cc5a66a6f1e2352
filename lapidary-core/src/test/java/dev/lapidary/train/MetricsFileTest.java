package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
    @TempDir
    private Path folder;

    @Test
    void linesFromAStepThatIsNoneOnAreCut() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        for (String bad : new String[] {"9223372036854775808", "1e3", "null", "\"1\"", "{", "4"}) {
            Files.writeString(file, "{\"step\":1}\n{\"step\":" + bad + "}\n{\"step\":2}\n");
            MetricsFile.open(file, 3).close();
            assertThat(file).as(bad).hasContent("{\"step\":1}");
        }
    }
}
