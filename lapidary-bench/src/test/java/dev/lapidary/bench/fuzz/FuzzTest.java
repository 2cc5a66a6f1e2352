package dev.lapidary.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first mutants of every format end in nothing but documented exceptions; {@code lapidary fuzz} reads more. */
class FuzzTest {
    private static final int MUTANTS = Integer.getInteger("lapidary.test.mutants", 400); // of each format

    static List<FuzzFormat> formats() {
        return FuzzFormats.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("formats")
    void mutantsAreReadOrRefused(FuzzFormat format) throws IOException {
        try (FuzzRun run = new FuzzRun(format)) {
            for (int seed = 0; seed < MUTANTS; seed++) {
                run.step(seed);
            }
            assertThat(run.found()).isEmpty();
            assertThat(run.refused()).isPositive();
            assertThat(run.count()).isEqualTo(MUTANTS);
        }
    }
}
