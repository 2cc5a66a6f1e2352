package dev.lapidary.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.Sabotage;
import dev.lapidary.trial.TrialSeeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
    private static final TrialSeeds FIVE = new TrialSeeds(1000, 5);
    private static final CatalogueEntry COIN =
            Catalogue.load().find("weighted-coin").orElseThrow();

    @TempDir
    Path folder;

    @Test
    void quickJudgesNothing() {
        Verification quick = Verification.quick(COIN, 0, Progress.silent());
        assertThat(quick.held()).isNull();
        assertThat(quick.identitiesHeld()).isTrue();
        assertThat(quick.evidence().trials().getFirst().comparisons().getFirst().verdict())
                .isNull();
    }

    @Test
    void fullHoldsAndRefusesASabotageInTheMethodsPlace() {
        Verification full = Verification.full(COIN, FIVE, folder, false, Progress.silent());
        assertThat(full.held()).isTrue();
        Evidence.TrialFound trial = full.evidence().trials().getFirst();
        assertThat(trial.comparisons().getFirst().verdict()).isEqualTo("better");
        assertThat(trial.sabotages()).containsExactly(new Sabotage("rarer-side", true));
        assertThat(full.evidence().seeds()).containsExactly(1000L, 1001L, 1002L, 1003L, 1004L);
    }

    @Test
    void anInterruptedVerificationEndsWithTheSameBytes(@TempDir Path other) throws IOException {
        int[] left = {6};
        Progress stopping = (name, total) -> new Progress.Task() {
            @Override
            public void advance(long steps) {
                if (left[0]-- == 0) {
                    throw new CancellationException("stopped on request");
                }
            }

            @Override
            public void close() {}
        };
        assertThatThrownBy(() -> Verification.full(COIN, FIVE, folder, false, stopping))
                .isInstanceOf(CancellationException.class);
        assertThat(folder.resolve("evidence.json")).doesNotExist();
        Verification.full(COIN, FIVE, folder, false, Progress.silent());
        Verification.full(COIN, FIVE, other, false, Progress.silent());
        assertThat(folder.resolve("evidence.json")).hasSameBinaryContentAs(other.resolve("evidence.json"));
        assertThat(Evidence.read(Files.readString(folder.resolve("evidence.json")))
                        .held())
                .isTrue();
    }

    @Test
    void restartMeasuresAnew() throws IOException {
        Verification.full(COIN, FIVE, folder, false, Progress.silent());
        Path outcome = folder.resolve("outcomes/guessing/1000/counting.json");
        Files.writeString(
                outcome, "{\"figures\": {\"right\": 0.25}, \"timed\": {}, \"seconds\": 1, \"machine\": \"m\"}");
        assertThat(right(Verification.full(COIN, FIVE, folder, false, Progress.silent())))
                .isEqualTo(0.25);
        assertThat(right(Verification.full(COIN, FIVE, folder, true, Progress.silent())))
                .isGreaterThan(0.5);
    }

    private static double right(Verification verification) {
        var figures =
                verification.evidence().trials().getFirst().arms().getFirst().figures();
        return Objects.requireNonNull(figures.get("right")).getFirst();
    }

    @Test
    void whatIsNotBegunSaysSo() {
        CatalogueEntry none = Catalogue.load().find("45").orElseThrow();
        assertThatThrownBy(() -> Verification.quick(none, 0, Progress.silent()))
                .hasMessageContaining("is not implemented yet");
    }
}
