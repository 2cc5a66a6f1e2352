package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.kernel.AdamStep;
import dev.lapidary.sparsity.kernel.MaskKernel;
import dev.lapidary.sparsity.kernel.MaskState;
import dev.lapidary.sparsity.kernel.Sample;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EagerMasksTest {
    private static final AdamStep RULE = AdamStep.published(5e-4, 1, 1);
    private static final double STEP = 1e-6;

    private final JsonNode golden = read();

    private static JsonNode read() {
        try (InputStream in = Objects.requireNonNull(EagerMasksTest.class.getResourceAsStream("eager-masks.json"))) {
            return new JsonMapper().readTree(in);
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private static double[] flat(JsonNode node) {
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .flatMapToDouble(each -> Arrays.stream(flat(each)))
                    .toArray();
        }
        return new double[] {node.asDouble()};
    }

    private static Sample sample(JsonNode node) {
        return new Sample(
                (float) node.at("/kappa").asDouble(),
                (float) node.at("/tau").asDouble(),
                0,
                node.at("/hard").asBoolean());
    }

    @Test
    void agreesWithTheGoldenCases() {
        JsonNode given = golden.at("/soft_mask");
        for (JsonNode node : given.at("/cases")) {
            try (var scope = TorchScope.open()) {
                Tensor logits = Tensors.of(flat(given.at("/gate")), 3, 6);
                Tensor noise = Tensors.of(flat(given.at("/gumbel_noise")), 3, 6);
                Tensor weight = Tensors.of(flat(given.at("/W")), 1, 12);
                Tensor upstream = Tensors.of(flat(given.at("/upstream_dL_dWmasked")), 1, 12);
                try (var masks = new EagerMasks(SparsityPattern.TWO_OF_FOUR, logits, RULE)) {
                    Tensor masked = masks.masked(weight, noise, sample(node));
                    assertThat(Tensors.toDoubles(masked)).containsExactly(flat(node.at("/W_masked")), within(2e-7));
                    double squares = masks.backward(
                            masked, upstream, node.at("/lambda_t").asDouble());
                    double[] expected = flat(node.at("/grad_gate"));
                    double largest =
                            Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                    assertThat(masks.gradient()).containsExactly(expected, within(2e-6 * largest));
                    double sum =
                            Arrays.stream(expected).map(each -> each * each).sum();
                    assertThat(squares).isCloseTo(sum, within(5e-6 * sum));
                }
            }
        }
    }

    @Test
    void differentiatesTheWholeLoss() {
        JsonNode given = golden.at("/soft_mask");
        double[] gate = flat(given.at("/gate"));
        double[] closed = gradient(gate, 0.1);
        for (int i = 0; i < gate.length; i++) {
            double[] shifted = gate.clone();
            shifted[i] = gate[i] + STEP;
            double above = loss(shifted, 0.1);
            shifted[i] = gate[i] - STEP;
            double below = loss(shifted, 0.1);
            assertThat(closed[i]).isCloseTo((above - below) / (2 * STEP), within(1e-6));
        }
        for (int group = 0; group < 3; group++) {
            double sum = Arrays.stream(closed, 6 * group, 6 * group + 6).sum();
            assertThat(sum).isCloseTo(0, within(1e-12));
        }
    }

    private double[] gradient(double[] gate, double reward) {
        JsonNode given = golden.at("/soft_mask");
        try (var scope = TorchScope.open();
                var masks = new EagerMasks(SparsityPattern.TWO_OF_FOUR, Tensors.of(gate, 3, 6), RULE)) {
            Tensor noise = Tensors.of(flat(given.at("/gumbel_noise")), 3, 6);
            Tensor masked = masks.masked(Tensors.of(flat(given.at("/W")), 1, 12), noise, Sample.soft(100, 4, 0));
            masks.backward(masked, Tensors.of(flat(given.at("/upstream_dL_dWmasked")), 1, 12), reward);
            return masks.gradient();
        }
    }

    /** Σ G'·W·M̃ − λ·Σ(W·M̃)². */
    private double loss(double[] gate, double reward) {
        JsonNode given = golden.at("/soft_mask");
        double[] masked;
        try (var scope = TorchScope.open();
                var masks = new EagerMasks(SparsityPattern.TWO_OF_FOUR, Tensors.of(gate, 3, 6), RULE)) {
            Tensor noise = Tensors.of(flat(given.at("/gumbel_noise")), 3, 6);
            masked = Tensors.toDoubles(
                    masks.masked(Tensors.of(flat(given.at("/W")), 1, 12), noise, Sample.soft(100, 4, 0)));
        }
        double[] upstream = flat(given.at("/upstream_dL_dWmasked"));
        double loss = 0;
        for (int i = 0; i < masked.length; i++) {
            loss += upstream[i] * masked[i] - reward * masked[i] * masked[i];
        }
        return loss;
    }

    @ParameterizedTest
    @CsvSource({
        "2:4,F32,false,0",
        "2:4,F32,false,0.01",
        "2:4,F32,true,0.01",
        "1:4,F32,false,0.01",
        "4:8,F32,false,0.01",
        "2:8,F32,true,0",
        "1:2,F32,false,0",
        "2:4,BF16,false,0"
    })
    void agreesWithTheKernel(String text, StateType type, boolean hard, float reward) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        int groups = 7 * 19; // an incomplete block at the end
        long weights = (long) groups * pattern.of();
        int values = groups * pattern.count();
        Random random = new Random(5);
        try (Arena arena = Arena.ofConfined();
                var scope = TorchScope.open();
                var state = new MaskState(pattern, type, weights, 3, 4);
                var kernel = new MaskKernel(pattern, type, 2)) {
            MemorySegment weight = random(arena, random, weights, 1);
            MemorySegment upstream = random(arena, random, weights, 0.1);
            MemorySegment masked = arena.allocate(4 * weights);
            MemorySegment logits = random(arena, random, values, 0.01);
            MemorySegment noise = arena.allocate(4L * values);
            kernel.writeLogits(state, logits);
            kernel.readLogits(state, logits); // as bfloat16 holds them
            Tensor weightTensor = Tensors.wrap(weight, groups, pattern.of());
            Tensor upstreamTensor = Tensors.wrap(upstream, groups, pattern.of());
            // Adam's first steps divide a gradient by its own size plus 1e-5: its rounding shows where it is small
            double tolerance = type == StateType.F32 ? 1e-4 : 5e-4;
            try (var twin = new EagerMasks(pattern, Tensors.wrap(logits, groups, pattern.count()), RULE)) {
                for (int step = 0; step < 3; step++) {
                    Sample sample = new Sample(100 + 50f * step, 2f - 0.5f * step, step, hard);
                    kernel.noise(state, step, noise);
                    kernel.forward(state, weight, masked, sample);
                    Tensor product = twin.masked(weightTensor, Tensors.wrap(noise, groups, pattern.count()), sample);
                    double error = type == StateType.F32 ? maskError(logits, noise, weight, sample) : 0.3;
                    near(masked, Tensors.toDoubles(product), error);
                    double squares = kernel.gradientSquares(state, weight, upstream, sample, reward);
                    double expected = twin.backward(product, upstreamTensor, reward);
                    assertThat(squares)
                            .isCloseTo(expected, within(type == StateType.F32 ? 1e-4 * expected : 0.1 * expected));
                    AdamStep rule = AdamStep.published(5e-4, step + 1, AdamStep.clip(expected, 1));
                    kernel.update(state, weight, upstream, sample, reward, rule);
                    twin.update(rule);
                    kernel.readLogits(state, logits);
                    near(logits, twin.logits(), tolerance);
                }
            }
        }
    }

    /**
     * How far two masked weights may be apart: both round the argument of the exponential in a few operations, a mask moves by no more
     * than half of what its arguments move, and the weight multiplies that.
     */
    private static double maskError(MemorySegment logits, MemorySegment noise, MemorySegment weight, Sample sample) {
        double argument = (sample.kappa() * largest(logits) + largest(noise)) / sample.tau();
        return 2 * Rounding.float32(8, argument) / 2 * largest(weight);
    }

    private static double largest(MemorySegment floats) {
        double largest = 0;
        for (float value : floats.toArray(ValueLayout.JAVA_FLOAT)) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static MemorySegment random(Arena arena, Random random, long n, double deviation) {
        MemorySegment segment = arena.allocate(4 * n, 64);
        for (long i = 0; i < n; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextGaussian() * deviation));
        }
        return segment;
    }

    private static void near(MemorySegment found, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                    .as("value %d", i)
                    .isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void updatesLikeTheGoldenAdam() {
        for (String steps : new String[] {"steps", "steps_eps1e-8"}) {
            JsonNode given = golden.at("/adamw");
            double eps = steps.equals("steps") ? 1e-5 : 1e-8;
            double[][] gradients = new double[3][];
            for (int i = 0; i < 3; i++) {
                gradients[i] = flat(given.at("/grads/" + i));
            }
            try (var scope = TorchScope.open();
                    var masks = new EagerMasks(
                            SparsityPattern.TWO_OF_FOUR,
                            Tensors.of(flat(given.at("/param")), 1, 6),
                            new AdamStep(5e-4, new AdamSettings(0.9, 0.95, eps, 0.1), 1, 1))) {
                for (int i = 0; i < 3; i++) {
                    double norm =
                            Arrays.stream(gradients[i]).map(each -> each * each).sum();
                    double lr = given.at("/lr/" + i).asDouble();
                    double clip = AdamStep.clip(norm, 1);
                    masks.update(
                            Tensors.of(gradients[i], 1, 6),
                            new AdamStep(lr, new AdamSettings(0.9, 0.95, eps, 0.1), i + 1, clip));
                    assertThat(masks.logits())
                            .containsExactly(flat(given.at("/" + steps + "/" + i + "/param")), within(1e-12));
                }
            }
        }
    }
}
