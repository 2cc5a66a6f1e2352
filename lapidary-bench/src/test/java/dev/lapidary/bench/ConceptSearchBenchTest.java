package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ConceptSearchBenchTest {
    @Test
    void both_sides_agree_on_all_variants_at_odd_sizes() {
        Map<String, Object> result = new ConceptSearchBench(259, 101, 7, 129).run();
        assertThat(result).containsEntry("equal", true).containsEntry("name", "concept-search");
        assertThat(result.get("difference"))
                .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
                .isLessThan(1e-5);
        assertThat(result).containsEntry("agreement", 1.0);
        assertThat(result.get("variants"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .hasSize(12);
    }
}
