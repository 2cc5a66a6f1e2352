package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class StatisticalBenchmarkTest {
    @Test
    void one_seed_gives_all_figures_beside_the_golden_ones() {
        Map<String, Object> result = new StatisticalBenchmark(1).measure();
        assertThat(result.get("figures"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .hasSize(12 + 13 * 5) // all but cms_center
                .containsKeys("zeroshot", "ANEC5_random", "gumbel_std.ent", "prox_l1_std.zeroW");
        assertThat(result.get("statements"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(11);
        assertThat(StatisticalBenchmark.seed(0)) // the same seed, the same figures
                .allSatisfy((key, value) -> assertThat(figure(result, key)).isCloseTo(value, within(5.1e-5)));
    }

    private static double figure(Map<String, Object> result, String key) {
        Map<?, ?> figures = (Map<?, ?>) Objects.requireNonNull(result.get("figures"));
        return (Double) Objects.requireNonNull(((Map<?, ?>) Objects.requireNonNull(figures.get(key))).get("mean"));
    }

    @Test
    void the_world_is_made_of_unit_vectors_and_balanced_classes() {
        BenchmarkWorld world = new BenchmarkWorld(3);
        for (float[][] rows : List.of(
                world.train().embeddings(), world.test().embeddings(), world.conceptTexts(), world.classTexts())) {
            for (float[] row : rows) {
                double squares = 0;
                for (float v : row) {
                    squares += (double) v * v;
                }
                assertThat(squares).isCloseTo(1, within(1e-5));
            }
        }
        int[] counts = new int[BenchmarkWorld.CLASSES];
        for (int label : world.test().labels()) {
            counts[label]++;
        }
        assertThat(counts).containsOnly(40);
    }
}
