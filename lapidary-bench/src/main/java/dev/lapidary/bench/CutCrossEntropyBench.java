package dev.lapidary.bench;

import dev.lapidary.kernel.MachineProbe;
import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The output layer's loss with the gradients of hidden states and output weight: in blocks against linear, cross_entropy and backward
 * on the same PyTorch.
 *
 * <p>Memory is what the peak of a fresh process (VmHWM) rises above what it holds before the loss (VmRSS, inputs and libraries
 * included). It contains the gradients, which both sides must give. Times are measured in turns in the same two processes.
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
    private static final String MEMORY = "memory ";
    private static final String DIFFERENCE = "difference";
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
        SideProcess start(int[] threads) {
            List<String> sizes =
                    Stream.of(tokens, vocabulary, width).map(String::valueOf).toList();
            SideProcess process = SideProcess.start(
                    toString(), ChildJvm.builder(List.of("-Xmx" + HEAP), CutCrossEntropyBench.class, sizes));
            process.setThreads(threads[0], threads[1]);
            return process;
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
        int[] best = {1, cores}; // threads of operations, of products
        double peak = MachineProbe.flops(cores);
        Measured first = measure(SIZES.getFirst(), best);
        Measured other = measure(SIZES.getFirst(), new int[] {cores, cores});
        if (other.timing().referenceMillis() < first.timing().referenceMillis()) {
            first = other;
            best = new int[] {cores, cores};
        }
        List<Measured> all = new ArrayList<>(List.of(first));
        for (Size size : SIZES.subList(1, SIZES.size())) {
            all.add(measure(size, best));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.putAll(first.entry(peak));
        result.put(
                "reference",
                "torch.linear, cross_entropy_loss and backward in PyTorch " + Torch.version() + ", " + best[0]
                        + " operation and " + best[1] + " product threads on both sides, the reference's best of two");
        result.put("memoryOf", "peak of a fresh process (VmHWM) above what it held before the loss (VmRSS)");
        result.put("boundOf", "fused multiply-adds in registers, " + Math.round(peak / 1e9) + " GFLOP/s");
        result.put("bySize", all.stream().map(size -> size.entry(peak)).toList());
        result.put("threads", cores);
        result.put("repetitions", REPETITIONS);
        result.put("equal", first.difference() <= TOLERANCE);
        result.put("difference", first.difference());
        result.putAll(first.openBlas());
        return result;
    }

    /**
     * Both sides of one size.
     *
     * @param difference largest of a gradient's value, at a size of its own
     * @param openBlas the kernels of the reference's process
     */
    private record Measured(
            Size size,
            PairedTiming timing,
            Memory ours,
            Memory plain,
            double difference,
            Map<String, Object> openBlas) {
        Map<String, Object> entry(double peak) {
            double work = PRODUCTS * size.tokens() * size.vocabulary() * size.width();
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("ratio", (double) plain.rise() / ours.rise());
            entry.put("timeRatio", timing.ratio());
            entry.put("bound", work / (timing.ourMillis() / 1e3) / peak);
            entry.put("ourMillis", timing.ourMillis());
            entry.put("referenceMillis", timing.referenceMillis());
            entry.put("ourBytes", ours.rise());
            entry.put("referenceBytes", plain.rise());
            entry.put("processRatio", (double) plain.peak() / ours.peak());
            entry.put("sizes", size);
            return entry;
        }
    }

    private static Measured measure(Size size, int[] threads) {
        try (SideProcess ours = size.start(threads);
                SideProcess plain = size.start(threads)) {
            Memory ourMemory = ours.ask(MEMORY + OURS, Memory.class); // before anything else
            Memory plainMemory = plain.ask(MEMORY + PLAIN, Memory.class);
            PairedTiming timing =
                    PairedTiming.measure(() -> ours.number(OURS), () -> plain.number(PLAIN), 0, REPETITIONS);
            Map<String, Object> openBlas = new LinkedHashMap<>();
            plain.report(openBlas);
            System.err.println(size + ": " + timing);
            return new Measured(size, timing, ourMemory, plainMemory, plain.number(DIFFERENCE), openBlas);
        }
    }

    /** One side: arguments are tokens, vocabulary and width. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            Torch.load();
            Problem problem = new Problem(new Size(
                    Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2])));
            return Map.of(
                    MEMORY + OURS,
                    () -> memory(problem::ours),
                    MEMORY + PLAIN,
                    () -> memory(problem::plain),
                    OURS,
                    new PairedTiming.Side(problem::ours, 1)::millis,
                    PLAIN,
                    new PairedTiming.Side(problem::plain, 1)::millis,
                    DIFFERENCE,
                    () -> difference(new Size(333, 5_000, 128)));
        });
    }

    private static Memory memory(Runnable loss) {
        try (Problem small = new Problem(new Size(8, 64, 32))) { // loads what both sides use
            small.ours();
            small.plain();
        }
        long before = ProcessMemory.resident();
        loss.run();
        return new Memory(before, ProcessMemory.peak());
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
