package dev.lapidary.bench;

import dev.lapidary.kernel.MachineProbe;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.EagerMasks;
import dev.lapidary.sparsity.kernel.AdamStep;
import dev.lapidary.sparsity.kernel.MaskKernel;
import dev.lapidary.sparsity.kernel.MaskState;
import dev.lapidary.sparsity.kernel.Sample;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * One weight [rows, columns] whose 2:4 mask is learned, for our fused kernel and for the published operations in eager PyTorch, on
 * the same numbers.
 */
final class MaskProblem implements AutoCloseable {
    private static final SparsityPattern PATTERN = SparsityPattern.TWO_OF_FOUR;
    private static final float REWARD = 1e-5f;
    private static final int ROWS = 2048;
    private static final int COLUMNS = 2048;
    private static final String STEP = "step";
    private static final String FORWARD = "forward";
    private static final String DIFFERENCE = "difference";
    private static final List<Threads> SETTINGS = List.of(new Threads(1, 1), new Threads(1, 2), new Threads(2, 2));
    private static final int REPETITIONS = 11;
    private static final double TOLERANCE = 1e-5;
    private static final double WARM_UP_SECONDS = 3;

    private final int rows;
    private final int columns;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment weights;
    private final MemorySegment upstream;
    private final MemorySegment masked;
    private final MemorySegment logits;
    private int step;

    MaskProblem(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        Random random = new Random(1);
        weights = gaussian(random, weights(), 0.05);
        upstream = gaussian(random, weights(), 0.001);
        masked = arena.allocate(4 * weights(), 64);
        logits = gaussian(random, groups() * PATTERN.count(), 0.01);
    }

    private MemorySegment gaussian(Random random, long n, double deviation) {
        MemorySegment segment = arena.allocate(4 * n, 64);
        for (long i = 0; i < n; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextGaussian() * deviation));
        }
        return segment;
    }

    long weights() {
        return (long) rows * columns;
    }

    private long groups() {
        return weights() / PATTERN.of();
    }

    private static Sample sample(int step) {
        return Sample.soft(300, 2, step);
    }

    /** Threads of PyTorch's operations and of its products. */
    private record Threads(int operations, int products) {
        void set(SideProcess pytorch) {
            pytorch.setThreads(operations, products);
        }

        String text() {
            return operations + " operation and " + products + " product threads";
        }
    }

    /** Our kernel with its state. */
    final class Ours implements AutoCloseable {
        private final MaskState state;
        private final MaskKernel kernel;

        Ours(StateType type, int threads) {
            state = new MaskState(PATTERN, type, weights(), 1, 0);
            kernel = new MaskKernel(PATTERN, type, threads);
            kernel.writeLogits(state, logits);
        }

        void forward() {
            kernel.forward(state, weights, masked, sample(step++));
        }

        void step() {
            Sample sample = sample(++step);
            kernel.forward(state, weights, masked, sample);
            double squares = kernel.gradientSquares(state, weights, upstream, sample, REWARD);
            AdamStep rule = AdamStep.published(5e-4, step, AdamStep.clip(squares, 1));
            kernel.update(state, weights, upstream, sample, REWARD, rule);
        }

        @Override
        public void close() {
            kernel.close();
            state.close();
        }
    }

    /** The published operations. */
    final class Eager implements AutoCloseable {
        private final Tensor weight = Tensors.wrap(weights, rows, columns);
        private final Tensor gradient = Tensors.wrap(upstream, rows, columns);
        private final EagerMasks masks;

        Eager() {
            try (TorchScope scope = TorchScope.open()) {
                masks = new EagerMasks(
                        PATTERN, Tensors.wrap(logits, groups(), PATTERN.count()), AdamStep.published(5e-4, 1, 1));
            }
        }

        void forward() {
            try (TorchScope scope = TorchScope.open()) {
                masks.masked(weight, masks.noise(), sample(0));
            }
        }

        void step() {
            try (TorchScope scope = TorchScope.open()) {
                Tensor product = masks.masked(weight, masks.noise(), sample(0));
                double squares = masks.backward(product, gradient, REWARD);
                masks.update(AdamStep.published(5e-4, 1, AdamStep.clip(squares, 1)));
            }
        }

        @Override
        public void close() {
            masks.close();
            weight.close();
            gradient.close();
        }
    }

    /** Returns the largest difference between both sides' masked weights and logits over three steps of the same noise. */
    static double difference() {
        double furthest = 0;
        try (MaskProblem problem = new MaskProblem(24, 84);
                TorchScope scope = TorchScope.open();
                Ours ours = problem.new Ours(StateType.F32, 2);
                Eager eager = problem.new Eager()) {
            MemorySegment noise = problem.arena.allocate(problem.logits.byteSize());
            for (int i = 1; i <= 3; i++) {
                ours.kernel.noise(ours.state, i, noise);
                Tensor noiseTensor = Tensors.wrap(noise, problem.groups(), PATTERN.count());
                Tensor product = eager.masks.masked(eager.weight, noiseTensor, sample(i));
                ours.step();
                furthest = Math.max(furthest, furthest(problem.masked, Tensors.toDoubles(product)));
                double squares = eager.masks.backward(product, eager.gradient, REWARD);
                eager.masks.update(AdamStep.published(5e-4, i, AdamStep.clip(squares, 1)));
                MemorySegment found = problem.arena.allocate(problem.logits.byteSize());
                ours.kernel.readLogits(ours.state, found);
                furthest = Math.max(furthest, furthest(found, eager.masks.logits()));
            }
        }
        return furthest;
    }

    private static double furthest(MemorySegment ours, double[] reference) {
        double furthest = 0;
        for (int i = 0; i < reference.length; i++) {
            double off = Math.abs(ours.getAtIndex(ValueLayout.JAVA_FLOAT, i) - reference[i]);
            furthest = off <= furthest ? furthest : off; // NaN stays
        }
        return furthest;
    }

    /**
     * Times both sides in turns at each thread setting of PyTorch and reports against the best.
     *
     * @param whole whether a step is timed, else a forward pass
     * @param bytesPerWeight what a step with a float32 state must read and write at least
     */
    static Map<String, Object> measure(String name, boolean whole, double bytesPerWeight) {
        int threads = Runtime.getRuntime().availableProcessors();
        try (MaskProblem problem = new MaskProblem(ROWS, COLUMNS);
                SideProcess pytorch = SideProcess.start(MaskProblem.class)) {
            double difference = pytorch.number(DIFFERENCE);
            double before = MachineProbe.bandwidth(threads);
            Map<Threads, PairedTiming> timings = new LinkedHashMap<>();
            for (Threads setting : SETTINGS) {
                timings.put(setting, problem.time(pytorch, whole, threads, setting));
            }
            var fastest = Collections.min(
                    timings.entrySet(),
                    Comparator.comparingDouble(timed -> timed.getValue().referenceMillis()));
            PairedTiming best = fastest.getValue();
            Map<String, Double> eager = new LinkedHashMap<>();
            timings.forEach(
                    (setting, timing) -> eager.put(setting.text(), problem.nanoseconds(timing.referenceMillis())));
            double half = problem.nanoseconds(problem.alone(StateType.BF16, whole, threads)) * threads;
            double bandwidth = Math.max(before, MachineProbe.bandwidth(threads));
            double nanoseconds = problem.nanoseconds(best.ourMillis());
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", name);
            result.put("ratio", best.ratio());
            result.put(
                    "reference",
                    "the published operations in eager PyTorch " + Torch.version() + ", "
                            + fastest.getKey().text() + ", the best of " + SETTINGS.size() + " settings");
            result.put("bound", bytesPerWeight / nanoseconds * 1e9 / bandwidth);
            result.put("boundOf", "reading main memory, " + bandwidth / 1e9 + " GB/s on the same threads");
            result.put("nanosecondsPerWeight", nanoseconds);
            result.put("nanosecondsPerWeightPerCore", nanoseconds * threads);
            result.put("bytesPerWeight", bytesPerWeight);
            result.put("eagerNanosecondsPerWeight", eager);
            result.put("bf16NanosecondsPerWeightPerCore", half);
            result.put("ourMillis", best.ourMillis());
            result.put("referenceMillis", best.referenceMillis());
            result.put("threads", threads);
            result.put("sizes", Map.of("rows", ROWS, "columns", COLUMNS));
            result.put("repetitions", best.repetitions());
            result.put("equal", difference <= TOLERANCE);
            result.put("difference", difference);
            fastest.getKey().set(pytorch);
            pytorch.report(result);
            return result;
        }
    }

    private double nanoseconds(double millis) {
        return 1e6 * millis / weights();
    }

    /** The side of PyTorch. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            Torch.load();
            Eager eager = new MaskProblem(ROWS, COLUMNS).new Eager();
            return Map.of(
                    STEP,
                    new PairedTiming.Side(eager::step, 1)::millis,
                    FORWARD,
                    new PairedTiming.Side(eager::forward, 1)::millis,
                    DIFFERENCE,
                    MaskProblem::difference);
        });
    }

    private PairedTiming time(SideProcess pytorch, boolean whole, int threads, Threads setting) {
        setting.set(pytorch);
        try (Ours ours = new Ours(StateType.F32, threads)) {
            return PairedTiming.measure(
                    new PairedTiming.Side(whole ? ours::step : ours::forward, 4),
                    () -> pytorch.number(whole ? STEP : FORWARD),
                    WARM_UP_SECONDS,
                    REPETITIONS);
        }
    }

    private double alone(StateType type, boolean whole, int threads) {
        try (Ours ours = new Ours(type, threads)) {
            return PairedTiming.alone(
                    new PairedTiming.Side(whole ? ours::step : ours::forward, 4), WARM_UP_SECONDS, REPETITIONS);
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
