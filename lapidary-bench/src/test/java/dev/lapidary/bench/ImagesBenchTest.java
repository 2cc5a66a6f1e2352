package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ImagesBenchTest {
    @Test
    void bothSidesGiveTheSameEmbeddings() {
        Map<String, Object> result = new ImagesBench(130, 2, 1, 0).run();

        assertThat(result).containsEntry("name", "images").containsEntry("equal", true);
        assertThat(result.get("difference"))
                .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
                .isBetween(0.0, 1e-4);
        assertThat(result.get("bound"))
                .asInstanceOf(InstanceOfAssertFactories.DOUBLE)
                .isPositive();
        assertThat(result.get("training"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsKey("F32");
        assertThat(result.get("photographs"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsKeys("imagesPerSecond", "megapixelsPerSecond");
    }
}
