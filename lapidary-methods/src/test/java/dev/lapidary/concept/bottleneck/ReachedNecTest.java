package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.data.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReachedNecTest {
    private static final ConceptConfig EIGHT = ConceptConfig.defaults().withNec(8);

    @TempDir
    Path folder;

    private static Report.SeedReport seed(double nec, double words, double directions) {
        return new Report.SeedReport(
                0,
                1,
                1,
                nec,
                1,
                1,
                List.of(),
                Map.of(),
                Map.of(),
                Map.of("linear-probe", 32.0, "random-words", words, "random-directions", directions),
                Map.of(),
                List.of());
    }

    @Test
    void isSilentWhereEveryArmReachesTheLimitOrThereIsNone() {
        List<Report.SeedReport> all = List.of(seed(8, 8, 8), seed(8, 8, 8));
        assertThat(ReachedNec.warning(EIGHT, all, 4, 12)).isEmpty();
        assertThat(ReachedNec.warning(ConceptConfig.defaults(), List.of(seed(3, 4, 5)), 4, 12))
                .isEmpty();
        assertThat(ReachedNec.warning(EIGHT, List.of(seed(5, 5, 5)), 4, 5)).isEmpty(); // there are 5 concepts
        assertThat(ReachedNec.warning(EIGHT.withNec(2.5), List.of(seed(7.0 / 3, 7.0 / 3, 7.0 / 3)), 3, 12))
                .isEmpty(); // 7 whole weights
    }

    @Test
    void saysWhatEachReachedAndWhichComparisonIsNotAtOneNec() {
        assertThat(ReachedNec.warning(EIGHT, List.of(seed(1.25, 1.25, 1.25), seed(3, 3, 3)), 4, 12))
                .hasValue(
                        "an NEC of at most 8 was asked for; reached, mean over seeds: sparse 2.13, random-words 2.13, "
                                + "random-directions 2.13");
        assertThat(ReachedNec.warning(EIGHT, List.of(seed(8, 8, 7.5), seed(8, 8, 8)), 4, 12))
                .hasValue("an NEC of at most 8 was asked for; reached, mean over seeds: sparse 8, random-words 8, "
                        + "random-directions 7.75; the difference to random-directions is not at one NEC");
        assertThat(ReachedNec.warning(EIGHT, List.of(seed(12, 10, 10)), 4, 12))
                .hasValueSatisfying(text -> assertThat(text)
                        .endsWith("the difference to random-words and random-directions is not at one NEC"));
    }

    /** Classes that hardly vary need about one concept each; random directions would take more of the allowance. */
    @Test
    void controlsGetNoMoreConceptsThanTheMethodUsed() throws IOException {
        ToyWorld world = ToyWorld.draw(0.05, 20, 20, 20, 20);
        try (Dataset data = world.data()) {
            ConceptClassifier classifier = ConceptTraining.of(data, world.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .config(EIGHT.withSeeds(1, 5).withMethod(Method.of("l1")))
                    .run();
            Report report = classifier.report();
            assertThat(report.nec()).isBetween(1.0, 3.0);
            Map<String, Double> reached = report.details().getFirst().baselineNec();
            assertThat(Objects.requireNonNull(reached.get("random-words"))).isEqualTo(report.nec());
            assertThat(Objects.requireNonNull(reached.get("random-directions"))).isEqualTo(report.nec());
            assertThat(report.warnings()).anyMatch(w -> w.startsWith("an NEC of at most 8 was asked for; reached"));
        }
    }
}
