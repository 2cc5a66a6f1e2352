package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.concept.classifier.Report;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishedOrderingsTest {
    private static Report report(String method, List<Double> seeds, double zeroShot, List<Double> interval) {
        double mean = seeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        return new Report(
                method,
                true,
                mean,
                mean,
                10,
                95,
                10,
                5000,
                1,
                seeds,
                Map.of("zero-shot", zeroShot, "linear-probe", 0.9),
                Map.of("zero-shot", interval, "linear-probe", List.of(-0.3, -0.1)),
                0.01,
                0.1,
                List.of(),
                List.of());
    }

    @Test
    void verdictsFollowTheIntervals() {
        Report sparse = report("sparse", List.of(0.70, 0.72, 0.71), 0.65, List.of(0.04, 0.08));
        Report search = report("search", List.of(0.50, 0.51, 0.52), 0.65, List.of(-0.2, -0.1));
        Report l1 = report("l1", List.of(0.60, 0.82, 0.71), 0.65, List.of(0.0, 0.1));

        List<String> lines = PublishedOrderings.section(
                        Map.of("sparse-faithful", sparse, "search-faithful", search, "l1-faithful", l1))
                .lines()
                .filter(line -> line.startsWith("| ") && line.contains("over"))
                .toList();

        assertThat(lines).hasSize(5).allMatch(line -> line.contains("| published |"));
        assertThat(lines.get(0)).startsWith("| sparse over l1 | +6.1 |").endsWith("| no difference shown |");
        assertThat(lines.get(1))
                .startsWith("| sparse over search |")
                .contains("+20.0 [")
                .endsWith("| holds |");
        assertThat(lines.get(2))
                .contains("sparse over zero-shot", "+6.0 [+4.0, +8.0]")
                .endsWith("| holds |");
        assertThat(lines.get(3))
                .contains("search over zero-shot", "-14.0 [-20.0, -10.0]")
                .endsWith("| reversed |");
        assertThat(lines.get(4))
                .contains("linear-probe over sparse", "+19.0 [+10.0, +30.0]")
                .endsWith("| holds |");
    }

    @Test
    void withoutReportsThereIsNoSection() {
        assertThat(PublishedOrderings.section(Map.of())).isEmpty();
    }
}
