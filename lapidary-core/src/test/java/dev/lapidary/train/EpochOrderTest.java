package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    @Test
    void everyEpochVisitsEveryItemOnce() {
        qt().forAll(longs().all(), integers().between(1, 300), integers().between(1, 40))
                .checkAssert((seed, size, batch) -> {
                    EpochOrder order = new EpochOrder(seed, size, batch);
                    for (long epoch = 0; epoch < 3; epoch++) {
                        long first = epoch * order.stepsPerEpoch();
                        int[] visited = LongStream.range(first, first + order.stepsPerEpoch())
                                .mapToObj(order::batch)
                                .flatMapToInt(Arrays::stream)
                                .toArray();
                        assertThat(visited).isEqualTo(order.items(epoch));
                        assertThat(Arrays.stream(visited).sorted())
                                .containsExactlyElementsOf(
                                        IntStream.range(0, size).boxed().toList());
                    }
                });
    }

    @Test
    void batchesAreFullButForTheLastOfAnEpoch() {
        EpochOrder order = new EpochOrder(7, 10, 4);
        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        assertThat(order.batch(0)).hasSize(4);
        assertThat(order.batch(1)).hasSize(4);
        assertThat(order.batch(2)).hasSize(2);
        assertThat(order.batch(3)).hasSize(4);
        assertThat(order.epoch(2)).isZero();
        assertThat(order.epoch(3)).isEqualTo(1);
        assertThat(new EpochOrder(7, 10, Integer.MAX_VALUE).batch(5)).hasSize(10);
    }

    @Test
    void aBatchDependsOnSeedAndStepOnlyNotOnWhatWasAskedBefore() {
        EpochOrder forward = new EpochOrder(3, 50, 8);
        EpochOrder backward = new EpochOrder(3, 50, 8);
        int[][] batches = LongStream.range(0, 30).mapToObj(forward::batch).toArray(int[][]::new);
        for (int step = 29; step >= 0; step--) {
            assertThat(backward.batch(step)).isEqualTo(batches[step]);
        }
        assertThat(forward.items(0)).isNotEqualTo(forward.items(1));
        assertThat(forward.items(0)).isNotEqualTo(new EpochOrder(4, 50, 8).items(0));
    }

    @Test
    void theOrderNeverChanges() {
        // stored checkpoints rely on these numbers, calculated apart from this code
        assertThat(new EpochOrder(1, 8, 3).items(0)).containsExactly(3, 1, 6, 2, 0, 4, 7, 5);
        assertThat(new EpochOrder(1, 8, 3).items(1)).containsExactly(3, 7, 5, 2, 1, 0, 4, 6);
    }

    @Test
    void whatWasReturnedMayBeOverwritten() {
        EpochOrder order = new EpochOrder(1, 8, 3);
        int[] items = order.items(0);
        int[] kept = items.clone();
        Arrays.fill(items, -1);
        Arrays.fill(order.batch(0), -1);
        assertThat(order.items(0)).isEqualTo(kept);
    }

    @Test
    void allOrdersOfFourItemsAreAsLikely() {
        int epochs = 24_000;
        int[] counts = new int[256];
        EpochOrder order = new EpochOrder(11, 4, 4);
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] items = order.items(epoch);
            counts[items[0] * 64 + items[1] * 16 + items[2] * 4 + items[3]]++;
        }
        int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
        assertThat(seen).hasSize(24);
        double chiSquared = Arrays.stream(seen)
                .mapToDouble(count -> (count - 1000.0) * (count - 1000.0) / 1000.0)
                .sum();
        // 23 degrees of freedom: 0.01 and 99.99 percent quantiles
        assertThat(chiSquared).isBetween(5.0, 58.0);
    }

    @Test
    void badSizesAreRefused() {
        assertThatThrownBy(() -> new EpochOrder(0, 0, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("size must be at least 1; got 0");
        assertThatThrownBy(() -> new EpochOrder(0, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("batchSize must be at least 1; got 0");
        assertThatThrownBy(() -> new EpochOrder(0, 1, 1).batch(-1))
                .isInstanceOf(InputException.class)
                .hasMessage("step must not be negative; got -1");
    }
}
