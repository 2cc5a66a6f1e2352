package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.MaskLearningSettings.Moment;
import dev.lapidary.sparsity.kernel.AdamStep;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Schedules and priors against numbers that were calculated in float64 from the published formulas. */
class MaskLearningGoldenTest {
    private static final SparsityPattern PATTERN = SparsityPattern.parse("2:4");
    private static final double F64 = 1e-12;

    private final JsonNode golden = read();

    private static JsonNode read() {
        try (InputStream in =
                Objects.requireNonNull(MaskLearningGoldenTest.class.getResourceAsStream("mask-learning.json"))) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void schedulesFollowThePublishedOnes() {
        MaskLearningSettings published =
                MaskLearningSettings.defaults().withPattern(PATTERN).withSteps(2000).withBatch(256).withSeed(0).withRate(5e-4);

        assertThat(golden.at("/schedule/rows")).isNotEmpty();
        for (JsonNode row : golden.at("/schedule/rows")) {
            Moment moment = published.at(row.get("it").asLong());
            assertThat(moment.tau()).isCloseTo(row.get("tau").asDouble(), within(F64));
            assertThat(moment.kappa()).isCloseTo(row.get("kappa").asDouble(), within(1e-9));
            assertThat(moment.lambda()).isCloseTo(row.get("lambda").asDouble(), within(F64));
            assertThat(moment.rate()).isCloseTo(row.get("lr_gate").asDouble(), within(F64));
        }
    }

    @Test
    void aPriorMovesEveryLogitByItsOverlap() {
        float[] gate = floats(golden.at("/winner/gate"));
        float[] expected = floats(golden.at("/prior/gate_after"));
        JsonNode masks = golden.at("/prior/prior_mask");
        byte[] codes = new byte[masks.size()];
        for (int group = 0; group < codes.length; group++) {
            codes[group] = code(masks.get(group));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logits = arena.allocateFrom(ValueLayout.JAVA_FLOAT, gate);
            assertThat(MaskPriors.deviation(logits))
                    .isCloseTo(golden.at("/prior/std_unbiased_all_logits").asDouble(), within(1e-9));

            MaskPriors.add(logits, codes, PATTERN, golden.at("/prior/alpha").asDouble());

            assertThat(logits.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(expected, within(4e-9f));
        }
    }

    @Test
    void aPriorAddsNothingOnAverageForOtherPatternsToo() {
        SparsityPattern pattern = SparsityPattern.parse("1:4");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logits = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 0, 0, -1);

            MaskPriors.add(logits, new byte[] {2}, pattern, 2);

            double unit = 2 * Math.sqrt(2.0 / 3);
            assertThat(logits.toArray(ValueLayout.JAVA_FLOAT))
                    .containsExactly(
                            new float[] {
                                (float) (1 - unit / 4),
                                (float) (-unit / 4),
                                (float) (unit * 3 / 4),
                                (float) (-1 - unit / 4)
                            },
                            within(1e-6f));
        }
    }

    @Test
    void initialLogitsAreNormalAndAFunctionOfSeedAndStream() {
        int count = 60_001; // odd, and beyond one block of noise
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment logits = arena.allocate(4L * count, 4);
            MaskPriors.normal(logits, 0.01, 7, 3);
            float[] once = logits.toArray(ValueLayout.JAVA_FLOAT);
            MaskPriors.normal(logits, 0.01, 7, 3);
            assertThat(logits.toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(once);
            MaskPriors.normal(logits, 0.01, 7, 4);
            assertThat(logits.toArray(ValueLayout.JAVA_FLOAT)[0]).isNotEqualTo(once[0]);

            double sum = 0;
            int beyondTwo = 0;
            for (float value : once) {
                sum += value;
                beyondTwo += Math.abs(value) > 0.02f ? 1 : 0;
            }
            assertThat(sum / count).isCloseTo(0, within(2e-4));
            assertThat(MaskPriors.deviation(logits)).isCloseTo(0.01, within(1e-4));
            assertThat((double) beyondTwo / count).isCloseTo(0.0455, within(0.003));
        }
    }

    @Test
    void aGradientBeyondTheLimitIsScaledToIt() {
        GateOptimiser optimiser = GateOptimiser.defaults();
        assertThat(optimiser.step(2e-3, 3, 0.5 * 0.5))
                .isEqualTo(new AdamStep(2e-3, new AdamSettings(0.9, 0.95, 1e-8, 0.1), 3, 1));
        assertThat(optimiser.step(2e-3, 3, 4 * 4).clip()).isCloseTo(0.25, within(1e-6));
    }

    @Test
    void badValuesAreRefused() {
        MaskLearningSettings standard = MaskLearningSettings.defaults().withPattern(PATTERN);
        assertThatThrownBy(() -> Range.parse("1"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 1");
        assertThatThrownBy(() -> Range.parse("4,x"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 4,x");
        assertThatThrownBy(() -> new Range(0, 1)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> standard.withSteps(0).withBatch(1).withSeed(0)).hasMessageContaining("steps must be at least 1; got 0");
        assertThatThrownBy(() -> standard.withSteps(1).withBatch(0).withSeed(0)).hasMessageContaining("batch must be at least 1; got 0");
        assertThatThrownBy(() -> standard.withAlpha(Double.NaN).withLambda(0)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> standard.withAlpha(3).withLambda(-1)).hasMessageContaining("got -1.0");
    }

    private static byte code(JsonNode mask) {
        int positions = 0;
        for (int k = 0; k < mask.size(); k++) {
            positions |= mask.get(k).asInt() << k;
        }
        return (byte) PATTERN.code(positions);
    }

    private static float[] floats(JsonNode rows) {
        float[] values = new float[rows.size() * rows.get(0).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows.get(i / 6).get(i % 6).asDouble();
        }
        return values;
    }
}
