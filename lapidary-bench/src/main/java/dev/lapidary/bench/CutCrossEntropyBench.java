package dev.lapidary.bench;

import dev.lapidary.kernel.MachineProbe;
import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.json.JsonMapper;

/**
 * The output layer's loss with the gradients of hidden states and output weight: in blocks against linear, cross_entropy and backward
 * on the same PyTorch.
 *
 * <p>Memory is what the peak of a fresh process (VmHWM) rises above what it holds before the loss (VmRSS, inputs and libraries
 * included). It contains the gradients, which both sides must give. Times are measured in turns in one process.
 */
final class CutCrossEntropyBench implements Benchmark {
    private static final List<Size> SIZES = List.of(
            new Size(2048, 32_000, 512),
            new Size(4096, 32_000, 512),
            new Size(1024, 32_000, 2048),
            new Size(1024, 128_256, 512));
    private static final String HEAP = "256m";
    private static final int REPETITIONS = 5;
    private static final double TOLERANCE = 1e-3; // of the largest value, float32
    private static final String OURS = "ours";
    private static final String PLAIN = "plain";
    private static final double PRODUCTS = 6; // three products, an addition and a multiplication each

    @Override
    public String name() {
        return "cut-cross-entropy";
    }

    @Override
    public String summary() {
        return "the output layer's loss and gradients in blocks against linear, cross_entropy and backward: memory and time";
    }

    /** Tokens, vocabulary and width of one problem. */
    record Size(int tokens, int vocabulary, int width) {
        List<String> arguments(String side, int[] threads) {
            return List.of(
                    side,
                    Integer.toString(tokens),
                    Integer.toString(vocabulary),
                    Integer.toString(width),
                    Integer.toString(threads[0]),
                    Integer.toString(threads[1]));
        }
    }

    /** What one process held before the loss and at its peak, bytes. */
    record Memory(long before, long peak) {
        long rise() {
            return peak - before;
        }
    }

    @Override
    public Map<String, Object> run() {
        int cores = Runtime.getRuntime().availableProcessors();
        int[][] settings = {{1, cores}, {cores, cores}}; // threads of operations, of products
        Torch.load();
        double difference = difference(new Size(333, 5_000, 128));
        int[] best = settings[0];
        PairedTiming timing = time(SIZES.getFirst(), best);
        PairedTiming other = time(SIZES.getFirst(), settings[1]);
        if (other.referenceMillis() < timing.referenceMillis()) {
            timing = other;
            best = settings[1];
        }
        double peak = MachineProbe.flops(cores);
        List<Map<String, Object>> all = new ArrayList<>();
        for (Size size : SIZES) {
            all.add(measured(size, best, size == SIZES.getFirst() ? timing : time(size, best), peak));
            System.err.println(all.getLast());
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.putAll(all.getFirst());
        result.put(
                "reference",
                "torch.linear, cross_entropy_loss and backward in PyTorch " + Torch.version() + ", " + best[0]
                        + " operation and " + best[1] + " product threads on both sides, the reference's best of two");
        result.put("memoryOf", "peak of a fresh process (VmHWM) above what it held before the loss (VmRSS)");
        result.put("boundOf", "fused multiply-adds in registers, " + Math.round(peak / 1e9) + " GFLOP/s");
        result.put("bySize", all);
        result.put("threads", cores);
        result.put("repetitions", REPETITIONS);
        result.put("equal", difference <= TOLERANCE);
        result.put("difference", difference);
        return result;
    }

    private static Map<String, Object> measured(Size size, int[] threads, PairedTiming timing, double peak) {
        Memory ours = memory(size, OURS, threads);
        Memory plain = memory(size, PLAIN, threads);
        double work = PRODUCTS * size.tokens() * size.vocabulary() * size.width();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ratio", (double) plain.rise() / ours.rise());
        result.put("timeRatio", timing.ratio());
        result.put("bound", work / (timing.ourMillis() / 1e3) / peak);
        result.put("ourMillis", timing.ourMillis());
        result.put("referenceMillis", timing.referenceMillis());
        result.put("ourBytes", ours.rise());
        result.put("referenceBytes", plain.rise());
        result.put("processRatio", (double) plain.peak() / ours.peak());
        result.put("sizes", size);
        return result;
    }

    private static PairedTiming time(Size size, int[] threads) {
        Torch.setThreads(threads[0], threads[1]);
        try (Problem problem = new Problem(size)) {
            return PairedTiming.measure(
                    new PairedTiming.Side(problem::ours, 1), new PairedTiming.Side(problem::plain, 1), 0, REPETITIONS);
        }
    }

    private static Memory memory(Size size, String side, int[] threads) {
        try {
            String line = ChildJvm.lastLine(HEAP, CutCrossEntropyBench.class, size.arguments(side, threads));
            return new JsonMapper().readValue(line, Memory.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Measures the memory of one side in this process; arguments as in {@link Size#arguments}. */
    public static void main(String[] arguments) {
        Torch.load();
        Torch.setThreads(Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]));
        Size size = new Size(
                Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        try (Problem small = new Problem(new Size(8, 64, 32))) { // loads what both sides use
            small.ours();
            small.plain();
        }
        try (Problem problem = new Problem(size)) {
            long before = ProcessMemory.resident();
            if (arguments[0].equals(OURS)) {
                problem.ours();
            } else {
                problem.plain();
            }
            long peak = ProcessMemory.peak();
            System.out.println(new JsonMapper().writeValueAsString(new Memory(before, peak)));
        }
        System.exit(0); // native libraries may have started threads of their own
    }

    /** Returns the largest difference of a gradient's value, in parts of the largest value. */
    private static double difference(Size size) {
        try (Problem problem = new Problem(size);
                var scope = TorchScope.open()) {
            var ours = CutCrossEntropy.lossAndGradients(problem.hidden, problem.weight, problem.targets, true);
            Tensor plain = torch.cross_entropy_loss(torch.linear(problem.hidden, problem.weight), problem.targets);
            plain.backward();
            double loss = Math.abs(ours.loss() - plain.item_double()) / plain.item_double();
            double hidden = furthest(ours.hiddenGradient(), problem.hidden.grad());
            double weight = furthest(Objects.requireNonNull(ours.weightGradient()), problem.weight.grad());
            return Math.max(loss, Math.max(hidden, weight));
        }
    }

    private static double furthest(Tensor ours, Tensor plain) {
        return ours.sub(plain).abs().max().item_double() / plain.abs().max().item_double();
    }

    /** Inputs of both sides; hidden states and output weight as large as a trained model's. */
    private static final class Problem implements AutoCloseable {
        private static final double WEIGHT_SCALE = 0.05;

        private final TorchScope scope = TorchScope.open();
        private final Tensor hidden; // [tokens, width]
        private final Tensor weight; // [vocabulary, width]
        private final Tensor targets; // [tokens]

        Problem(Size size) {
            Torch.seed(1);
            hidden = torch.randn(size.tokens(), size.width()).set_requires_grad(true);
            weight = torch.randn(size.vocabulary(), size.width())
                    .mul_(new Scalar(WEIGHT_SCALE))
                    .set_requires_grad(true);
            targets = Tensors.of(
                    new Random(1).longs(size.tokens(), 0, size.vocabulary()).toArray());
        }

        void ours() {
            try (var step = TorchScope.open()) {
                CutCrossEntropy.lossAndGradients(hidden, weight, targets, true);
            }
        }

        void plain() {
            try (var step = TorchScope.open()) {
                torch.cross_entropy_loss(torch.linear(hidden, weight), targets).backward();
                hidden.mutable_grad().put(new Tensor());
                weight.mutable_grad().put(new Tensor());
            }
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
