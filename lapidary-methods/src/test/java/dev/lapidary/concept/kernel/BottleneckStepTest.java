package dev.lapidary.concept.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.optim.AdamSettings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BottleneckStepTest {
    private static final WeightUpdate ADAM = new WeightUpdate.Adam(1e-3);

    private static BottleneckState start(int concepts, int classes, long seed) {
        Random random = new Random(seed);
        return BottleneckState.fresh(
                random.doubles((long) concepts * concepts, -1, 1)
                        .map(x -> x / Math.sqrt(concepts))
                        .toArray(),
                random.doubles((long) classes * concepts, -1, 1)
                        .map(x -> x / Math.sqrt(concepts))
                        .toArray(),
                classes);
    }

    private static MemorySegment normal(Random random, Arena arena, long floats) {
        MemorySegment out = arena.allocate(4 * floats, 4);
        for (long i = 0; i < floats; i++) {
            out.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return out;
    }

    private static int[] labels(Random random, int rows, int classes) {
        return random.ints(rows, 0, classes).toArray();
    }

    private static List<BottleneckLoss> losses() {
        return List.of(
                new BottleneckLoss.None(),
                new BottleneckLoss.L1(0.01),
                new BottleneckLoss.Contrastive(),
                new BottleneckLoss.Gumbel(0.7),
                new BottleneckLoss.Similarity(false),
                new BottleneckLoss.Similarity(true));
    }

    /** Batches, concepts and classes around panel and tile borders; the last batch of an epoch is short. */
    @ParameterizedTest
    @CsvSource({"32, 300, 4, 2", "5, 7, 3, 1", "8, 33, 2, 2", "33, 64, 35, 3", "12, 97, 70, 2", "1, 1, 2, 1"})
    void vectorFormAgreesWithTheScalarOne(int batch, int concepts, int classes, int threads) {
        for (BottleneckLoss loss : losses()) {
            Random random = new Random(batch);
            var settings = new BottleneckSettings(
                    batch,
                    concepts,
                    classes,
                    true,
                    loss,
                    new WeightUpdate.Adam(1e-3, AdamSettings.defaults().withWeightDecay(0.1)),
                    new WeightUpdate.Adam(1e-2, new AdamSettings(0.8, 0.99, 1e-6, 0.05)),
                    3);
            BottleneckState start = start(concepts, classes, 5);
            try (Arena arena = Arena.ofShared();
                    BottleneckStep vector = new VectorBottleneckStep(settings, start, threads);
                    BottleneckStep scalar = new ScalarBottleneckStep(settings, start)) {
                for (int i = 0; i < 4; i++) {
                    int rows = i == 2 ? (batch + 1) / 2 : batch;
                    MemorySegment scores = normal(random, arena, (long) rows * concepts);
                    int[] labels = labels(random, rows, classes);
                    if (i == 3) {
                        vector.rates(5e-4, 5e-3);
                        scalar.rates(5e-4, 5e-3);
                    }
                    requireClose(vector.step(scores, labels), scalar.step(scores, labels));
                }
                requireClose(vector.state(), scalar.state());
            }
        }
    }

    private static void requireClose(BottleneckStep.Losses got, BottleneckStep.Losses expected) {
        assertThat(got.crossEntropy()).isCloseTo(expected.crossEntropy(), within(1e-4));
        assertThat(got.layer()).isCloseTo(expected.layer(), within(1e-4));
    }

    private static void requireClose(BottleneckState got, BottleneckState expected) {
        assertThat(furthest(got.layer().weights(), expected.layer().weights())).isLessThan(1e-4);
        assertThat(furthest(got.head().weights(), expected.head().weights())).isLessThan(5e-4);
        assertThat(furthest(got.bias().weights(), expected.bias().weights())).isLessThan(5e-4);
        assertThat(furthest(got.layer().square(), expected.layer().square())).isLessThan(1e-5);
    }

    private static double furthest(double[] got, double[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        double furthest = 0;
        for (int i = 0; i < got.length; i++) {
            double off = Math.abs(got[i] - expected[i]);
            furthest = off <= furthest ? furthest : off; // NaN wins
        }
        return furthest;
    }

    @Test
    void givenNoiseStandsForTheGenerated() {
        Random random = new Random(1);
        var settings = new BottleneckSettings(6, 40, 3, false, new BottleneckLoss.Gumbel(1), ADAM, ADAM, 11);
        BottleneckState start = start(40, 3, 2);
        try (Arena arena = Arena.ofShared();
                BottleneckStep generated = BottleneckStep.create(settings, start, 1);
                BottleneckStep given = BottleneckStep.create(settings, start, 1)) {
            MemorySegment scores = normal(random, arena, 240);
            int[] labels = labels(random, 6, 3);
            MemorySegment noise = arena.allocate(4 * 480);
            for (int i = 0; i < 480; i++) {
                int b = i % 240 / 40;
                int m = i % 40;
                float value = new CounterNoise(11, i / 240).gumbelAt(0, (m / 32 * 8 + b) * 32 + m % 32);
                noise.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            }
            assertThat(given.step(scores, labels, noise)).isEqualTo(generated.step(scores, labels));
            assertThat(given.state().layer().weights())
                    .containsExactly(generated.state().layer().weights());
        }
    }

    @Test
    void sameBitsForEveryNumberOfThreadsAndAfterResuming() {
        Random random = new Random(4);
        for (BottleneckLoss loss : losses()) {
            var settings = new BottleneckSettings(16, 70, 5, true, loss, ADAM, ADAM, 1);
            BottleneckState start = start(70, 5, 3);
            try (Arena arena = Arena.ofShared();
                    BottleneckStep one = BottleneckStep.create(settings, start, 1);
                    BottleneckStep three = BottleneckStep.create(settings, start, 3)) {
                MemorySegment scores = normal(random, arena, 16 * 70);
                int[] labels = labels(random, 16, 5);
                for (int i = 0; i < 3; i++) {
                    assertThat(three.step(scores, labels)).isEqualTo(one.step(scores, labels));
                }
                try (BottleneckStep resumed = BottleneckStep.create(settings, three.state(), 2)) {
                    resumed.step(scores, labels);
                    one.step(scores, labels);
                    assertThat(resumed.state().steps()).isEqualTo(4);
                    assertThat(Arrays.equals(
                                    resumed.state().layer().weights(),
                                    one.state().layer().weights()))
                            .isTrue();
                    assertThat(resumed.state().head().square())
                            .containsExactly(one.state().head().square());
                    assertThat(resumed.state().bias().mean())
                            .containsExactly(one.state().bias().mean());
                }
            }
        }
    }

    @Test
    void forwardOfManyRows() {
        Random random = new Random(6);
        var settings = new BottleneckSettings(8, 70, 37, true, new BottleneckLoss.None(), ADAM, ADAM, 1);
        BottleneckState fresh = start(70, 37, 3);
        BottleneckState start = new BottleneckState(
                0,
                fresh.layer(),
                fresh.head(),
                BottleneckState.Moments.fresh(random.doubles(37).toArray()));
        try (Arena arena = Arena.ofShared();
                BottleneckStep vector = new VectorBottleneckStep(settings, start, 2);
                BottleneckStep scalar = new ScalarBottleneckStep(settings, start)) {
            int rows = 203;
            MemorySegment scores = normal(random, arena, rows * 70L);
            MemorySegment c = arena.allocate(4L * rows * 70);
            MemorySegment z = arena.allocate(4L * rows * 37);
            MemorySegment expectedC = arena.allocate(4L * rows * 70);
            MemorySegment expectedZ = arena.allocate(4L * rows * 37);
            vector.forward(scores, rows, c, z);
            scalar.forward(scores, rows, expectedC, expectedZ);
            requireClose(c, expectedC);
            requireClose(z, expectedZ);
        }
    }

    private static void requireClose(MemorySegment got, MemorySegment expected) {
        for (long i = 0; i < got.byteSize() / 4; i++) {
            float off = got.getAtIndex(ValueLayout.JAVA_FLOAT, i) - expected.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (!(Math.abs(off) < 1e-4)) {
                throw new AssertionError("entry " + i + " must be equal to 1e-4; got a difference of " + off);
            }
        }
    }

    /** The published trainer never changed its head; ours must from the first step on. */
    @Test
    void headChangesAtTheFirstStep() {
        Random random = new Random(9);
        var settings = new BottleneckSettings(8, 20, 3, false, new BottleneckLoss.Gumbel(1), ADAM, ADAM, 1);
        BottleneckState start = start(20, 3, 3);
        try (Arena arena = Arena.ofShared();
                BottleneckStep step = BottleneckStep.create(settings, start, 1)) {
            step.step(normal(random, arena, 160), labels(random, 8, 3));
            double[] after = step.state().head().weights();
            for (int i = 0; i < after.length; i++) {
                assertThat(Math.abs(after[i] - start.head().weights()[i])).isCloseTo(1e-3, within(1e-4));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        var settings = new BottleneckSettings(4, 3, 2, false, new BottleneckLoss.None(), ADAM, ADAM, 1);
        MemorySegment scores = MemorySegment.ofArray(new float[12]);
        assertThatThrownBy(() -> BottleneckStep.create(settings, start(4, 2, 1), 1))
                .hasMessageContaining("layer must have length 9; got 16");
        assertThatThrownBy(() -> new BottleneckLoss.Gumbel(0)).hasMessageContaining("got 0.0");
        assertThatThrownBy(() -> new WeightUpdate.Adam(Double.NaN)).hasMessageContaining("got NaN");
        try (BottleneckStep step = BottleneckStep.create(settings, start(3, 2, 1), 1)) {
            assertThatThrownBy(() -> step.step(scores, new int[5])).hasMessageContaining("1 to 4; got 5");
            assertThatThrownBy(() -> step.step(scores, new int[] {2})).hasMessageContaining("got 2");
            assertThatThrownBy(() -> step.step(scores.asSlice(0, 44), new int[4]))
                    .hasMessageContaining("12 floats; got bytes=44");
            assertThatThrownBy(() -> step.step(scores, new int[4], scores)).hasMessageContaining("noise must hold 24");
        }
    }
}
