package dev.lapidary.sparsity.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.NaturalLog;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.kernel.Golden;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel against numbers calculated in float64 from the formulas. */
class MaskGoldenTest {
    private static final double TOLERANCE = 2e-6;

    private final Golden golden = Golden.maskllm();
    private final Arena arena = Arena.ofAuto();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samplesAndDifferentiatesAsTheFormulaSays(boolean vectors) {
        for (int i = 0; i < 7; i++) {
            String at = "soft_mask/cases/" + i + "/";
            Sample sample = new Sample(
                    (float) golden.number(at + "kappa"),
                    (float) golden.number(at + "tau"),
                    0,
                    golden.number(at + "hard") == 1);
            Result result = run(
                    SparsityPattern.TWO_OF_FOUR, vectors, "soft_mask/gate", "soft_mask/gumbel_noise", sample, (float)
                            golden.number(at + "lambda_t"));
            near(result.masked, golden.matrix(at + "W_masked"), TOLERANCE);
            near(result.gradients, golden.matrix(at + "grad_gate"), TOLERANCE);
            double squares = 0;
            for (double[] row : golden.matrix(at + "grad_gate")) {
                for (double each : row) {
                    squares += each * each;
                }
            }
            assertThat(result.squares).isCloseTo(squares, within(1e-5 * squares + 1e-9));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keepsOneOfFour(boolean vectors) {
        Sample sample = Sample.soft(
                (float) golden.number("soft_mask_1of4/kappa"), (float) golden.number("soft_mask_1of4/tau"), 0);
        Result result =
                run(SparsityPattern.parse("1:4"), vectors, "soft_mask_1of4/gate", "soft_mask_1of4/noise", sample, 0);
        double[] weights = Golden.flat(golden.matrix("soft_mask/W"));
        double[] masks = Golden.flat(golden.matrix("soft_mask_1of4/mask"));
        double[] masked = new double[masks.length];
        for (int i = 0; i < masks.length; i++) {
            masked[i] = masks[i] * weights[i];
        }
        near(result.masked, new double[][] {masked}, TOLERANCE);
        near(result.gradients, golden.matrix("soft_mask_1of4/grad_gate"), TOLERANCE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void choosesTheFirstMaximum(boolean vectors) {
        try (var state = new MaskState(SparsityPattern.TWO_OF_FOUR, StateType.F32, 12, 1, 0);
                var kernel = new MaskKernel(SparsityPattern.TWO_OF_FOUR, StateType.F32, 1, vectors)) {
            byte[] codes = new byte[3];
            kernel.codes(state, codes); // all logits are 0
            assertThat(codes).containsExactly(0, 0, 0);
            kernel.writeLogits(state, segment(golden.matrix("winner/gate")));
            kernel.codes(state, codes);
            int[] expected = golden.integers("winner/argmax");
            for (int i = 0; i < 3; i++) {
                assertThat(codes[i]).isEqualTo((byte) expected[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void updatesLikeAdamWithDecoupledDecay(boolean vectors) {
        for (String eps : new String[] {"1e-5", "1e-8"}) {
            adam(vectors, Double.parseDouble(eps), eps.equals("1e-5") ? "adamw/steps" : "adamw/steps_eps1e-8");
        }
    }

    private void adam(boolean vectors, double eps, String path) {
        MaskPasses passes = MaskKernel.passes(SparsityPattern.TWO_OF_FOUR, vectors);
        MaskScratch scratch = new MaskScratch(SparsityPattern.TWO_OF_FOUR, arena);
        double[] start = golden.numbers("adamw/param");
        double[][] gradients = golden.matrix("adamw/grads");
        for (int i = 0; i < 6; i++) {
            RawMemory.set(scratch.logits + (long) i * MaskScratch.ROW, (float) start[i]);
        }
        for (int step = 0; step < 3; step++) {
            double norm = 0;
            for (double each : gradients[step]) {
                norm += each * each;
            }
            double clip = AdamStep.clip(norm, golden.number("adamw/clip_global_norm"));
            assertThat(clip).isCloseTo(golden.number(path + "/" + step + "/clip_coef"), within(1e-12));
            for (int i = 0; i < 6; i++) {
                RawMemory.set(scratch.gradients + (long) i * MaskScratch.ROW, (float) (gradients[step][i] * clip));
            }
            var rule = new AdamStep(
                    golden.numbers("adamw/lr")[step],
                    new AdamSettings(
                            golden.number("adamw/beta1"),
                            golden.number("adamw/beta2"),
                            eps,
                            golden.number("adamw/weight_decay")),
                    step + 1,
                    clip);
            passes.update(scratch, 1, scratch.logits, scratch.first, scratch.second, MaskPasses.AdamConstants.of(rule));
            double[] expected = golden.numbers(path + "/" + step + "/param");
            for (int i = 0; i < 6; i++) {
                double found = RawMemory.get(scratch.logits + (long) i * MaskScratch.ROW);
                assertThat(found).isCloseTo(expected[i], within(TOLERANCE * Math.max(0.01, Math.abs(expected[i]))));
            }
        }
    }

    @Test
    void takesTheLogarithmOfAnExponential() {
        double[] uniform = golden.numbers("gumbel/u");
        double[] expected = golden.numbers("gumbel/g");
        for (int i = 0; i < uniform.length; i++) {
            float exponential = -NaturalLog.of((float) uniform[i]);
            double gumbel = -Math.log(2) * (MaskNoise.log(exponential * 0x1p28f) * 0x1p-23);
            assertThat(gumbel).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    private record Result(double[] masked, double[] gradients, double squares) {}

    private Result run(
            SparsityPattern pattern, boolean vectors, String logits, String noise, Sample sample, float reward) {
        MemorySegment weights = segment(golden.matrix("soft_mask/W"));
        MemorySegment upstream = segment(golden.matrix("soft_mask/upstream_dL_dWmasked"));
        MemorySegment masked = arena.allocate(48);
        MemorySegment first = arena.allocate(4L * 3 * pattern.count());
        MemorySegment second = arena.allocate(first.byteSize());
        double squares;
        try (var state = new MaskState(pattern, StateType.F32, 12, 1, 0);
                var kernel = new MaskKernel(pattern, StateType.F32, 1, vectors)) {
            kernel.givenNoise = segment(golden.matrix(noise));
            kernel.writeLogits(state, segment(golden.matrix(logits)));
            kernel.forward(state, weights, masked, sample);
            squares = kernel.gradientSquares(state, weights, upstream, sample, reward);
            // with beta1 = 0 the first moment is the gradient
            kernel.update(
                    state,
                    weights,
                    upstream,
                    sample,
                    reward,
                    new AdamStep(0, new AdamSettings(0, 0.95, 1e-8, 0), 1, 1));
            kernel.readMoments(state, first, second);
        }
        return new Result(doubles(masked), doubles(first), squares);
    }

    private static void near(double[] found, double[][] expected, double tolerance) {
        double[] flat = Golden.flat(expected);
        assertThat(found).hasSameSizeAs(flat);
        double largest = 0;
        for (double each : flat) {
            largest = Math.max(largest, Math.abs(each));
        }
        for (int i = 0; i < flat.length; i++) {
            assertThat(found[i]).as("value %d", i).isCloseTo(flat[i], within(tolerance * largest));
        }
    }

    private MemorySegment segment(double[][] matrix) {
        double[] values = Golden.flat(matrix);
        MemorySegment segment = arena.allocate(4L * values.length);
        for (int i = 0; i < values.length; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
        }
        return segment;
    }

    private static double[] doubles(MemorySegment segment) {
        double[] values = new double[(int) (segment.byteSize() / 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        }
        return values;
    }
}
