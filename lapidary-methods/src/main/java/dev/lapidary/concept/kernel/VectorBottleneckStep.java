package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;

import dev.lapidary.concept.kernel.PanelProducts.Strided;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.WorkCrew;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The Vector API form of {@link BottleneckStep}. A worker owns panels of concepts from the forward product to the update of
 * their weights, so a step needs one barrier: after each worker's share of z and of the rows' softmax sums, before the
 * gradients that need the whole.
 */
final class VectorBottleneckStep implements BottleneckStep {
    private static final int RUN = 16; // rows of Wᵀ whose gradient is worked out, then used up, at a time

    private final BottleneckSettings settings;
    private final BottleneckMemory memory;
    private final BottleneckForward forward;
    private final LayerLoss loss;
    private final WorkCrew crew;
    private final WorkCrew.Body body = this::work;
    private final PanelCrossEntropy[] entropies; // one per worker
    private final long[] scratch; // one per worker, [max(RUN, K4), 32]
    private final WeightRuleLanes layerRule;
    private final WeightRuleLanes headRule;
    private final float[][] bias; // weights, mean, square, each [K]
    private final float strength; // of the L1 loss, per weight
    private long steps;
    private boolean closed;

    VectorBottleneckStep(BottleneckSettings settings, BottleneckState state, int threads) {
        state.require(settings);
        this.settings = settings;
        memory = new BottleneckMemory(settings);
        layerRule = new WeightRuleLanes(settings.layer());
        headRule = new WeightRuleLanes(settings.head());
        crew = new WorkCrew(Math.min(threads, memory.panels));
        forward = new BottleneckForward(memory, crew);
        loss = LayerLoss.of(memory, crew.threads());
        entropies = new PanelCrossEntropy[crew.threads()];
        scratch = new long[crew.threads()];
        for (int worker = 0; worker < crew.threads(); worker++) {
            entropies[worker] = new PanelCrossEntropy(memory);
            scratch[worker] =
                    memory.allocate((long) Math.max(RUN, memory.classes4) * ROW).address();
        }
        strength = settings.loss() instanceof BottleneckLoss.L1 one ? (float) (one.lambda() / settings.concepts()) : 0;
        bias = new float[3][settings.classes()];
        load(state);
    }

    @Override
    public Losses step(MemorySegment scores, int[] labels, @Nullable MemorySegment noise) {
        requireOpen();
        BottleneckStep.requireFit(settings, scores, labels);
        if (noise != null) {
            BottleneckStep.requireFloats("noise", noise, 2L * labels.length * settings.concepts());
        }
        memory.take(scores, labels, noise, steps);
        layerRule.prepare(steps + 1);
        headRule.prepare(steps + 1);
        crew.run(body);
        if (settings.bias()) {
            updateBias();
        }
        steps++;
        double layer = strength == 0 ? loss.value(memory) : 0;
        for (double share : memory.layerLoss) {
            layer += share;
        }
        return new Losses(entropies[0].loss(), layer);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the bottleneck must be open; got a closed one");
        }
    }

    private void work(int worker) {
        int threads = crew.threads();
        int from = memory.panels * worker / threads;
        int to = memory.panels * (worker + 1) / threads;
        for (int panel = from; panel < to; panel++) {
            forward(panel);
            loss.before(memory, panel);
        }
        crew.barrier();
        entropies[worker].join(memory);
        loss.join(memory, worker);
        for (int panel = from; panel < to; panel++) {
            loss.after(memory, panel, worker);
            backward(panel, worker);
        }
    }

    private void forward(int panel) {
        int rows4 = BottleneckMemory.pad4(memory.rows);
        long c = memory.activation(memory.c, panel);
        forward.layer(memory.scores, rows4, panel, c);
        for (int q = 0; q < memory.classPanels; q++) {
            long z = memory.rowsOfPanel(memory.partial, panel * memory.classPanels + q, memory.batch4);
            forward.head(c, rows4, panel, q, z, false);
        }
    }

    private void backward(int panel, int worker) {
        int rows4 = BottleneckMemory.pad4(memory.rows);
        long gradient = memory.activation(memory.gradient, panel);
        long head = memory.rowsOfPanel(memory.head[0], panel, memory.classes4);
        for (int q = 0; q < memory.classPanels; q++) {
            long z = memory.rowsOfPanel(entropies[worker].gradient(), q, memory.batch4);
            int held = Math.min(WIDTH, settings.classes() - q * WIDTH);
            PanelProducts.multiply(new Strided(z, ROW, 4), rows4, held, head + (long) q * WIDTH * ROW, gradient, true);
        }
        if (memory.held(panel) < WIDTH) {
            memory.clearLanes(gradient, memory.rows, memory.held(panel));
        }
        updateHead(panel, worker);
        updateLayer(panel, gradient, scratch[worker]);
    }

    private void updateHead(int panel, int worker) {
        long c = memory.activation(memory.c, panel);
        for (int q = 0; q < memory.classPanels; q++) {
            long z = memory.rowsOfPanel(entropies[worker].gradient(), q, memory.batch4);
            int rows = Math.min(WIDTH, memory.classes4 - q * WIDTH);
            long out = scratch[worker] + (long) q * WIDTH * ROW;
            PanelProducts.multiply(new Strided(z, 4, ROW), rows, memory.rows, c, out, false);
        }
        headRule.update(
                scratch[worker],
                memory.rowsOfPanel(memory.head[0], panel, memory.classes4),
                memory.rowsOfPanel(memory.head[1], panel, memory.classes4),
                memory.rowsOfPanel(memory.head[2], panel, memory.classes4),
                memory.classes4 * WIDTH);
        memory.transposeHead(panel);
    }

    private void updateLayer(int panel, long gradient, long work) {
        Strided columns = new Strided(memory.scores.address(), 4, memory.scores.row());
        long first = memory.rowsOfPanel(0, panel, memory.concepts4);
        double penalty = 0;
        for (int j = 0; j < memory.concepts4; j += RUN) {
            int rows = Math.min(RUN, memory.concepts4 - j);
            long at = first + (long) j * ROW;
            PanelProducts.multiply(columns.from(j), rows, memory.rows, gradient, work, false);
            if (strength != 0) {
                penalty += WeightRuleLanes.addSigns(work, memory.layer[0] + at, rows * WIDTH, strength);
            }
            layerRule.update(work, memory.layer[0] + at, memory.layer[1] + at, memory.layer[2] + at, rows * WIDTH);
        }
        memory.layerLoss[panel] = penalty * strength;
    }

    private void updateBias() {
        long gradient = entropies[0].gradient();
        for (int k = 0; k < settings.classes(); k++) {
            long column = memory.rowsOfPanel(gradient, k / WIDTH, memory.batch4) + 4L * (k % WIDTH);
            float sum = 0;
            for (int b = 0; b < memory.rows; b++) {
                sum += RawMemory.get(column + (long) b * ROW);
            }
            headRule.update(sum, bias[0], bias[1], bias[2], k);
            RawMemory.set(memory.bias + 4L * k, bias[0][k]);
        }
    }

    @Override
    public void rates(double layer, double head) {
        layerRule.rate(layer);
        headRule.rate(head);
    }

    @Override
    public void forward(MemorySegment scores, long rows, @Nullable MemorySegment c, MemorySegment z) {
        requireOpen();
        forward.run(scores, rows, c, z);
    }

    private void load(BottleneckState state) {
        steps = state.steps();
        for (int i = 0; i < 3; i++) {
            double[] w = part(state.layer(), i);
            double[] h = part(state.head(), i);
            double[] b = part(state.bias(), i);
            for (int m = 0; m < settings.concepts(); m++) {
                for (int j = 0; j < settings.concepts(); j++) {
                    RawMemory.set(memory.layerAt(i, m, j), (float) w[m * settings.concepts() + j]);
                }
                for (int k = 0; k < settings.classes(); k++) {
                    RawMemory.set(memory.headAt(i, k, m), (float) h[k * settings.concepts() + m]);
                }
            }
            for (int k = 0; k < settings.classes(); k++) {
                bias[i][k] = (float) b[k];
            }
        }
        for (int k = 0; k < settings.classes(); k++) {
            RawMemory.set(memory.bias + 4L * k, bias[0][k]);
        }
        for (int panel = 0; panel < memory.panels; panel++) {
            memory.transposeHead(panel);
        }
    }

    @Override
    public BottleneckState state() {
        requireOpen();
        int concepts = settings.concepts();
        BottleneckState state = BottleneckState.fresh(
                new double[concepts * concepts], new double[settings.classes() * concepts], settings.classes());
        for (int i = 0; i < 3; i++) {
            double[] w = part(state.layer(), i);
            double[] h = part(state.head(), i);
            for (int m = 0; m < concepts; m++) {
                for (int j = 0; j < concepts; j++) {
                    w[m * concepts + j] = RawMemory.get(memory.layerAt(i, m, j));
                }
                for (int k = 0; k < settings.classes(); k++) {
                    h[k * concepts + m] = RawMemory.get(memory.headAt(i, k, m));
                }
            }
            for (int k = 0; k < settings.classes(); k++) {
                part(state.bias(), i)[k] = bias[i][k];
            }
        }
        return new BottleneckState(steps, state.layer(), state.head(), state.bias());
    }

    private static double[] part(BottleneckState.Moments moments, int i) {
        return switch (i) {
            case 0 -> moments.weights();
            case 1 -> moments.mean();
            default -> moments.square();
        };
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            crew.close();
            memory.close();
        }
    }
}
