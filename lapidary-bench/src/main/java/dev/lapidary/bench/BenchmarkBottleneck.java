package dev.lapidary.bench;

import dev.lapidary.concept.bottleneck.EagerBottleneck;
import dev.lapidary.concept.classifier.Sparsity;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.concept.kernel.BottleneckSettings;
import dev.lapidary.concept.kernel.BottleneckState;
import dev.lapidary.concept.kernel.BottleneckStep;
import dev.lapidary.concept.kernel.WeightUpdate;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * The published bottleneck on one seed's scores: both layers uniform in ±1/√M, Adam with 3e-4 on both, 60 epochs of the same batches
 * of 32; what it reaches on test items and how its activations spread.
 */
final class BenchmarkBottleneck {
    /** Price of the sum of |W| by its subgradient. The golden data name none; chosen on seeds 100 and 101, which are not reported. */
    static final double STRONG_L1 = 0.02;

    /** What the proximal form takes off every |W| after a step; chosen likewise, for about the golden share of zeros. */
    static final double SHRINK = 2e-4;

    private static final int M = BenchmarkWorld.CONCEPTS;
    private static final int K = BenchmarkWorld.CLASSES;
    private static final int BATCH = 32;
    private static final int EPOCHS = 60;
    private static final double RATE = 3e-4;

    private final float[][] train; // scores [n, M]
    private final int[] trainLabels;
    private final float[][] test;
    private final int[] testLabels;
    private final double[] layer = new double[M * M];
    private final double[] head = new double[K * M];
    private final int[][] batches;
    private final long seed;

    /** Takes scores 100·cos, or these standardised by the training items. */
    BenchmarkBottleneck(BenchmarkWorld world, boolean standardised, long seed) {
        this.seed = seed;
        train = scores(world.train().embeddings(), world.conceptTexts());
        test = scores(world.test().embeddings(), world.conceptTexts());
        trainLabels = world.train().labels();
        testLabels = world.test().labels();
        if (standardised) {
            standardise();
        }
        var noise = new CounterNoise(seed, 9);
        uniform(noise, 0, layer);
        uniform(noise, 1, head);
        batches = batches(train.length, new Random(seed));
    }

    private static float[][] scores(float[][] items, float[][] concepts) {
        float[][] s = new float[items.length][M];
        for (int i = 0; i < items.length; i++) {
            for (int m = 0; m < M; m++) {
                double sum = 0;
                for (int j = 0; j < items[i].length; j++) {
                    sum += (double) items[i][j] * concepts[m][j];
                }
                s[i][m] = (float) (100 * sum);
            }
        }
        return s;
    }

    private void standardise() {
        for (int m = 0; m < M; m++) {
            int column = m;
            double mean =
                    Arrays.stream(train).mapToDouble(r -> r[column]).average().orElseThrow();
            double squares = Arrays.stream(train)
                    .mapToDouble(r -> Math.pow(r[column] - mean, 2))
                    .sum();
            double deviation = Math.sqrt(squares / (train.length - 1));
            for (float[][] part : new float[][][] {train, test}) {
                for (float[] row : part) {
                    row[m] = (float) ((row[m] - mean) / deviation);
                }
            }
        }
    }

    private static void uniform(CounterNoise noise, long step, double[] weights) {
        double bound = 1 / Math.sqrt(M);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) ((2 * noise.uniformAt(step, i) - 1) * bound);
        }
    }

    private static int[][] batches(int n, Random random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        int[][] batches = new int[Math.ceilDiv(n, BATCH)][];
        Arrays.setAll(batches, b -> Arrays.copyOfRange(order, b * BATCH, Math.min(n, (b + 1) * BATCH)));
        return batches;
    }

    /** What training left: accuracy and, of test activations c, mean Hoyer sparsity, entropy and deviation; zeros of W. */
    record Outcome(double accuracy, double hoyer, double entropy, double deviation, double zeros) {
        Map<String, Double> values(String prefix) {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(prefix + ".acc", accuracy);
            values.put(prefix + ".hoyer", hoyer);
            values.put(prefix + ".ent", entropy);
            values.put(prefix + ".std", deviation);
            values.put(prefix + ".zeroW", zeros);
            return values;
        }
    }

    /** Trains by the fused step. */
    Outcome fused(BottleneckLoss loss, boolean headTrained) {
        var settings = new BottleneckSettings(
                BATCH,
                M,
                K,
                false,
                loss,
                new WeightUpdate.Adam(RATE),
                new WeightUpdate.Adam(headTrained ? RATE : 0),
                seed);
        var start = BottleneckState.fresh(layer.clone(), head.clone(), K);
        BottleneckStep step = BottleneckStep.create(settings, start, 1);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment scores = arena.allocate(4L * BATCH * M, 64);
            for (int e = 0; e < EPOCHS; e++) {
                for (int[] batch : batches) {
                    for (int i = 0; i < batch.length; i++) {
                        MemorySegment.copy(train[batch[i]], 0, scores, ValueLayout.JAVA_FLOAT, 4L * i * M, M);
                    }
                    step.step(scores.asSlice(0, 4L * batch.length * M), labels(batch));
                }
            }
            BottleneckState end = step.state();
            return outcome(end.layer().weights(), end.head().weights());
        } finally {
            step.close();
        }
    }

    /** Trains cross-entropy operation by operation, the layer's weights shrunk after each step by the proximal step of l1. */
    Outcome proximal() {
        try (var scope = TorchScope.open();
                EagerBottleneck model = EagerBottleneck.adam(
                        floats(layer, M, M), floats(head, K, M), EagerBottleneck::none, RATE, RATE)) {
            for (int e = 0; e < EPOCHS; e++) {
                for (int[] batch : batches) {
                    step(model, batch);
                }
            }
            return outcome(model.layer(), model.head());
        }
    }

    private void step(EagerBottleneck model, int[] batch) {
        try (var scope = TorchScope.open()) {
            float[] flat = new float[batch.length * M];
            for (int i = 0; i < batch.length; i++) {
                System.arraycopy(train[batch[i]], 0, flat, i * M, M);
            }
            long[] labels = Arrays.stream(labels(batch)).asLongStream().toArray();
            model.step(Tensors.of(flat, batch.length, M), Tensors.of(labels, labels.length));
            model.shrinkLayer(SHRINK);
        }
    }

    private static Tensor floats(double[] values, long rows, long columns) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensors.of(floats, rows, columns);
    }

    private int[] labels(int[] batch) {
        return Arrays.stream(batch).map(i -> trainLabels[i]).toArray();
    }

    private Outcome outcome(double[] w, double[] h) {
        int right = 0;
        double hoyer = 0;
        double entropy = 0;
        double[] all = new double[test.length * M];
        for (int i = 0; i < test.length; i++) {
            double[] c = times(w, M, test[i]);
            System.arraycopy(c, 0, all, i * M, M);
            hoyer += Sparsity.hoyer(c) / test.length;
            entropy += entropy(c) / Math.log(M) / test.length;
            right += largest(h, c) == testLabels[i] ? 1 : 0;
        }
        double mean = Arrays.stream(all).average().orElseThrow();
        double variance =
                Arrays.stream(all).map(c -> (c - mean) * (c - mean)).average().orElseThrow();
        double zeros = (double) Arrays.stream(w).filter(v -> v == 0).count() / w.length;
        return new Outcome((double) right / test.length, hoyer, entropy, Math.sqrt(variance), zeros);
    }

    private static double[] times(double[] matrix, int rows, float[] vector) {
        double[] product = new double[rows];
        for (int r = 0; r < rows; r++) {
            for (int m = 0; m < M; m++) {
                product[r] += matrix[r * M + m] * vector[m];
            }
        }
        return product;
    }

    private static int largest(double[] h, double[] c) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < K; k++) {
            double z = 0;
            for (int m = 0; m < M; m++) {
                z += h[k * M + m] * c[m];
            }
            if (z > most) {
                most = z;
                best = k;
            }
        }
        return best;
    }

    private static double entropy(double[] c) {
        double most = Arrays.stream(c).max().orElseThrow();
        double sum = Arrays.stream(c).map(v -> Math.exp(v - most)).sum();
        return Arrays.stream(c)
                .map(v -> Math.exp(v - most) / sum)
                .filter(p -> p > 0)
                .map(p -> -p * Math.log(p))
                .sum();
    }
}
