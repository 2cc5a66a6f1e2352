package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;

import dev.lapidary.concept.kernel.PanelProducts.Strided;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.kernel.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The native memory of a {@link VectorBottleneckStep}, in panels of 32 columns: a worker that owns a panel of concepts owns
 * those columns of Wᵀ, H, c and their gradients, so that only partial sums over concepts pass between workers.
 *
 * <p>P panels hold the M concepts, Q panels the K classes; B4, K4 and M4 are rounded up to multiples of 4. Padding of the
 * weights is and stays 0.
 */
final class BottleneckMemory implements AutoCloseable {
    final BottleneckSettings settings;
    final int panels; // P
    final int classPanels; // Q
    final int batch4;
    final int classes4;
    final int concepts4;
    final long scoreRow; // bytes of a row of the padded copy of the scores
    final long partialRow; // bytes of a [B] vector

    final long[] layer = new long[3]; // Wᵀ, mean, square, each [P][M4, 32]
    final long[] head = new long[3]; // H, mean, square, each [P][K4, 32]
    final long headColumns; // Hᵀ [Q][P * 32, 32]
    final long bias; // [Q * 32]; padding very low, so that it never wins a softmax
    final long c; // [P][B4, 32]
    final long gradient; // of c, [P][B4, 32]
    final long[] noisy = new long[2]; // (c + noise) / temperature by axis, then exponentials, each [P][B4, 32]
    final long largest; // [P][partialRow], of a row's concepts in a panel
    final long sums; // [P][partialRow], of exp(x - largest)
    final long partial; // z of a panel's concepts, [P][Q][B4, 32]
    final double[] layerLoss; // [P]

    private final Arena arena = Arena.ofShared();
    private final MemorySegment copy; // [B4, P * 32]
    private final MemorySegment[] activations; // [P], c
    private final MemorySegment[] gradients; // [P]
    private final MemorySegment[][] noiseSlices; // [2][P]

    Strided scores; // [B4, M] of this step
    int rows; // of this step
    long step; // from 0
    int[] labels = new int[0];

    @Nullable
    MemorySegment noise; // [2, rows, M]

    BottleneckMemory(BottleneckSettings settings) {
        this.settings = settings;
        panels = (settings.concepts() + WIDTH - 1) / WIDTH;
        classPanels = (settings.classes() + WIDTH - 1) / WIDTH;
        batch4 = pad4(settings.batch());
        classes4 = pad4(settings.classes());
        concepts4 = pad4(settings.concepts());
        scoreRow = (long) panels * ROW;
        partialRow = 4L * ((settings.batch() + WIDTH - 1) / WIDTH * WIDTH);
        for (int i = 0; i < 3; i++) {
            layer[i] = allocate((long) panels * concepts4 * ROW).address();
            head[i] = allocate((long) panels * classes4 * ROW).address();
        }
        headColumns = allocate((long) classPanels * panels * WIDTH * ROW).address();
        bias = allocate((long) classPanels * ROW).address();
        for (int k = settings.classes(); k < classPanels * WIDTH; k++) {
            RawMemory.set(bias + 4L * k, PanelSoftmax.LOW);
        }
        activations = slices();
        c = activations[0].address();
        gradients = slices();
        gradient = gradients[0].address();
        noiseSlices = new MemorySegment[2][panels];
        for (int axis = 0; axis < 2; axis++) {
            noiseSlices[axis] = slices();
            noisy[axis] = noiseSlices[axis][0].address();
        }
        largest = allocate(panels * partialRow).address();
        sums = allocate(panels * partialRow).address();
        partial = allocate((long) panels * classPanels * batch4 * ROW).address();
        copy = allocate(batch4 * scoreRow);
        scores = new Strided(copy.address(), scoreRow, 4);
        layerLoss = new double[panels];
    }

    /** Returns memory [P][B4, 32] by panel. */
    private MemorySegment[] slices() {
        long bytes = (long) batch4 * ROW;
        MemorySegment all = allocate(panels * bytes);
        MemorySegment[] slices = new MemorySegment[panels];
        Arrays.setAll(slices, p -> all.asSlice(p * bytes, bytes));
        return slices;
    }

    static int pad4(int size) {
        return (size + 3) & -4;
    }

    /** Returns zeroed memory that lives as long as this. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 64);
    }

    /** Takes the scores [rows, M] of a step: in place where their layout allows, otherwise as a padded copy. */
    void take(MemorySegment given, int[] givenLabels, @Nullable MemorySegment givenNoise, long stepNumber) {
        labels = givenLabels;
        rows = givenLabels.length;
        noise = givenNoise;
        step = stepNumber;
        int concepts = settings.concepts();
        boolean inPlace = given.isNative() && rows % 4 == 0 && concepts % 4 == 0;
        if (inPlace && !(settings.loss() instanceof BottleneckLoss.Similarity)) {
            scores = new Strided(given.address(), 4L * concepts, 4);
            return;
        }
        scores = new Strided(copy.address(), scoreRow, 4);
        for (int b = 0; b < rows; b++) {
            MemorySegment.copy(given, 4L * b * concepts, copy, b * scoreRow, 4L * concepts);
        }
    }

    /** Fills a panel of an axis with this step's noise. */
    void drawNoise(CounterNoise generator, int axis, int panel) {
        MemorySegment out = noiseSlices[axis][panel];
        MemorySegment given = noise;
        if (given == null) {
            generator.gumbel(step, (long) panel * batch4 * WIDTH, out, (long) batch4 * WIDTH);
            return;
        }
        int concepts = settings.concepts();
        int held = Math.min(WIDTH, concepts - panel * WIDTH);
        for (int b = 0; b < rows; b++) {
            long from = ((long) axis * rows + b) * concepts + (long) panel * WIDTH;
            MemorySegment.copy(
                    given,
                    ValueLayout.JAVA_FLOAT_UNALIGNED,
                    4 * from,
                    out,
                    ValueLayout.JAVA_FLOAT,
                    (long) b * ROW,
                    held);
        }
    }

    /** Sets the gradient of a panel to 0. */
    void clearGradient(int panel) {
        gradients[panel].fill((byte) 0);
    }

    /** Copies c of a panel to the noisy scores of an axis and returns where they start. */
    long copyOfC(int axis, int panel) {
        noiseSlices[axis][panel].copyFrom(activations[panel]);
        return activation(noisy[axis], panel);
    }

    /** Sets padded concepts of noisy scores so low that they have no share in a softmax. */
    void lowerPadding(long x, int panel) {
        setLanes(x, rows, held(panel), PanelSoftmax.LOW);
    }

    /** Sets lanes from the first padded one on to 0. */
    void clearLanes(long x, int height, int from) {
        setLanes(x, height, from, 0);
    }

    private static void setLanes(long x, int height, int from, float value) {
        for (int lane = from; lane < WIDTH; lane++) {
            for (int b = 0; b < height; b++) {
                RawMemory.set(x + (long) b * ROW + 4L * lane, value);
            }
        }
    }

    /** Returns the number of concepts in a panel. */
    int held(int panel) {
        return Math.min(WIDTH, settings.concepts() - panel * WIDTH);
    }

    long rowsOfPanel(long base, int panel, int height) {
        return base + (long) panel * height * ROW;
    }

    /** Returns where a panel of c, of its gradient or of noisy scores starts. */
    long activation(long base, int panel) {
        return rowsOfPanel(base, panel, batch4);
    }

    /** Returns where W[m][j] or its moment lies. */
    long layerAt(int moment, int m, int j) {
        return rowsOfPanel(layer[moment], m / WIDTH, concepts4) + (long) j * ROW + 4L * (m % WIDTH);
    }

    /** Returns where H[k][m] or its moment lies. */
    long headAt(int moment, int k, int m) {
        return rowsOfPanel(head[moment], m / WIDTH, classes4) + (long) k * ROW + 4L * (m % WIDTH);
    }

    /** Writes H of a panel to Hᵀ. */
    void transposeHead(int panel) {
        int held = held(panel);
        for (int k = 0; k < settings.classes(); k++) {
            long from = rowsOfPanel(head[0], panel, classes4) + (long) k * ROW;
            long to =
                    rowsOfPanel(headColumns, k / WIDTH, panels * WIDTH) + (long) panel * WIDTH * ROW + 4L * (k % WIDTH);
            for (int m = 0; m < held; m++) {
                RawMemory.set(to + (long) m * ROW, RawMemory.get(from + 4L * m));
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
