package dev.lapidary.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first mutants of every format end in nothing but documented exceptions; {@code lapidary fuzz} reads more. */
class FuzzTest {
    private static final int MUTANTS = Integer.getInteger("lapidary.test.mutants", 400); // of each format
    private static final int SLOW = 10; // slow formats have a tenth of the mutants

    static List<FuzzFormat> formats() {
        return FuzzFormats.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("formats")
    void mutantsAreReadOrRefused(FuzzFormat format) throws IOException {
        try (FuzzRun run = new FuzzRun(format)) {
            int mutants = format.slow() ? MUTANTS / SLOW : MUTANTS;
            for (int seed = 0; seed < mutants; seed++) {
                run.step(seed);
            }
            assertThat(run.found()).isEmpty();
            if (format.name().equals("cached-embeddings")) {
                assertThat(run.refused()).isZero(); // what is damaged is encoded anew
            } else {
                assertThat(run.refused()).isPositive();
            }
            assertThat(run.count()).isEqualTo(mutants);
        }
    }
}
