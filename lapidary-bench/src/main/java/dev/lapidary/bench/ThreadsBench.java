package dev.lapidary.bench;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Times what the thread settings decide, for every choice of PyTorch's threads, OpenBLAS's threads and how idle OpenMP
 * threads wait, each in a JVM of its own: the wait policy is read once, when the library loads.
 *
 * <p>Workloads: a training step of a small network (batch 128, 384 → 256 → 10, forward and backward), a 2048 × 2048
 * product, and a softmax of 2048 × 2048, the case for several threads in PyTorch's own operations. float32; medians in
 * milliseconds.
 */
final class ThreadsBench implements Benchmark {
    private static final int ROUNDS = 5;
    private static final String STEP = "step";
    private static final List<String> WORKLOADS = List.of(STEP, "product", "softmax");

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public String summary() {
        return "a small training step, a product and a softmax under every thread setting, each in a JVM of its own";
    }

    /** Runs all choices; the ratio is the step's time without any setting over its time with the default ones. */
    @Override
    public Map<String, Object> run() {
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, Map<String, Double>> milliseconds = new LinkedHashMap<>();
        Map<String, Object> openBlas = new LinkedHashMap<>(); // the same kernels in all choices; threads of the last
        for (String policy : List.of("spin", "passive")) {
            for (int operations : cores == 1 ? new int[] {1} : new int[] {1, cores}) {
                for (int products : cores == 1 ? new int[] {1} : new int[] {1, cores}) {
                    milliseconds.put(
                            name(policy, operations, products), inOwnProcess(policy, operations, products, openBlas));
                }
            }
        }
        double reference = step(milliseconds, name("spin", cores, cores));
        double median = step(milliseconds, name("passive", 1, cores));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", "threads");
        result.put("ratio", reference / median);
        result.put("reference", "a small training step with PyTorch's and OpenBLAS's own thread settings");
        result.put("milliseconds", milliseconds);
        result.put("medianMs", median);
        result.put("referenceMedianMs", reference);
        result.put("threads", cores);
        result.put("repetitions", ROUNDS);
        result.putAll(openBlas);
        return result;
    }

    private static double step(Map<String, Map<String, Double>> milliseconds, String choice) {
        return Objects.requireNonNull(milliseconds.get(choice)).getOrDefault(STEP, Double.NaN);
    }

    private static String name(String policy, int operations, int products) {
        return "policy " + policy + ", operations " + operations + ", products " + products;
    }

    private static Map<String, Double> inOwnProcess(
            String policy, int operations, int products, Map<String, Object> openBlas) {
        ProcessBuilder child = ChildJvm.builder(List.of(), ThreadsBench.class, List.of());
        child.environment().put("OMP_WAIT_POLICY", "passive");
        if (policy.equals("spin")) {
            child.environment().put("GOMP_SPINCOUNT", "300000"); // libgomp's own default without a policy
        }
        Map<String, Double> result = new LinkedHashMap<>();
        try (SideProcess process = SideProcess.start(name(policy, operations, products), child)) {
            process.setThreads(operations, products);
            for (String workload : WORKLOADS) {
                result.put(workload, process.number(workload));
            }
            process.report(openBlas);
        }
        return result;
    }

    /** Measures the workloads in this process. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            Torch.load();
            Tensor x = torch.randn(128, 384);
            Tensor first = torch.randn(256, 384).set_requires_grad(true);
            Tensor second = torch.randn(10, 256).set_requires_grad(true);
            Tensor square = torch.randn(2048, 2048);
            return Map.of(
                    STEP,
                    () -> median(20, () -> step(x, first, second)),
                    "product",
                    () -> median(1, () -> square.mm(square)),
                    "softmax",
                    () -> median(1, () -> square.softmax(1)));
        });
    }

    private static void step(Tensor x, Tensor first, Tensor second) {
        x.mm(first.t()).relu().mm(second.t()).log_softmax(1).mean().backward();
        Tensors.toFloats(second.grad().sum());
    }

    /** Returns the median over rounds of the milliseconds of one call, after one round to warm up. */
    private static double median(int calls, Runnable work) {
        double[] times = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                try (var scope = TorchScope.open()) {
                    work.run();
                }
            }
            if (round >= 0) {
                times[round] = (System.nanoTime() - start) / 1e6 / calls;
            }
        }
        Arrays.sort(times);
        return times[ROUNDS / 2];
    }
}
