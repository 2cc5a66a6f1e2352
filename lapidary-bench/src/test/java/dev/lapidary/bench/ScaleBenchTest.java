package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaleBenchTest {
    @Test
    void the_exponent_of_a_power_is_found() {
        assertThat(ScaleBench.exponent(List.of(new double[] {1, 3}, new double[] {2, 12}, new double[] {4, 48})))
                .isCloseTo(2, within(1e-12));
    }

    @Test
    void generated_files_are_trained_on_and_evaluated(@TempDir Path folder) throws IOException {
        var generated = new GeneratedEmbeddings();
        generated.writeItems(folder.resolve("train.safetensors"), 2000, 1);
        generated.writeItems(folder.resolve("new.safetensors"), 501, 2);
        generated.writeConcepts(folder.resolve("concepts.safetensors"), 60);
        ScaleBench.Measured measured = ScaleBench.measure(folder);
        assertThat(measured.items()).isEqualTo(2000);
        assertThat(measured.concepts()).isEqualTo(60);
        assertThat(measured.nec()).isLessThanOrEqualTo(10);
        assertThat(measured.accuracy()).isGreaterThan(0.75); // four classes
        assertThat(measured.peakBytes()).isPositive();
    }
}
