package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;

import dev.lapidary.concept.kernel.PanelProducts.Strided;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.WorkCrew;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The forward products of {@link VectorBottleneckStep}, and with them c and z of any number of rows for evaluation. */
final class BottleneckForward {
    private static final int BLOCK = 64; // rows a worker takes at a time

    private final BottleneckMemory memory;
    private final WorkCrew crew;
    private final MemorySegment[] scores; // one per worker, [BLOCK, P * 32]
    private final MemorySegment[] layers; // one per worker, [BLOCK, 32]
    private final MemorySegment[] heads; // one per worker, [Q][BLOCK, 32]

    BottleneckForward(BottleneckMemory memory, WorkCrew crew) {
        this.memory = memory;
        this.crew = crew;
        scores = new MemorySegment[crew.threads()];
        layers = new MemorySegment[crew.threads()];
        heads = new MemorySegment[crew.threads()];
        for (int worker = 0; worker < crew.threads(); worker++) {
            scores[worker] = memory.allocate(BLOCK * memory.scoreRow);
            layers[worker] = memory.allocate((long) BLOCK * ROW);
            heads[worker] = memory.allocate((long) memory.classPanels * BLOCK * ROW);
        }
    }

    /** Sets c [rows4, 32] of a panel. */
    void layer(Strided from, int rows4, int panel, long c) {
        long weights = memory.rowsOfPanel(memory.layer[0], panel, memory.concepts4);
        PanelProducts.multiply(from, rows4, memory.settings.concepts(), weights, c, false);
    }

    /** Sets z [rows4, 32] of a panel of classes to the share of a panel of concepts, or adds that. */
    void head(long c, int rows4, int panel, int classPanel, long z, boolean add) {
        long columns =
                memory.rowsOfPanel(memory.headColumns, classPanel, memory.panels * WIDTH) + (long) panel * WIDTH * ROW;
        PanelProducts.multiply(new Strided(c, ROW, 4), rows4, memory.held(panel), columns, z, add);
    }

    /** Writes z [rows, K] and, where asked, c [rows, M] of scores [rows, M]. */
    void run(MemorySegment given, long rows, @Nullable MemorySegment c, MemorySegment z) {
        int concepts = memory.settings.concepts();
        BottleneckStep.requireFloats("scores", given, rows * concepts);
        BottleneckStep.requireFloats("z", z, rows * memory.settings.classes());
        if (c != null) {
            BottleneckStep.requireFloats("c", c, rows * concepts);
        }
        crew.run(worker -> {
            for (long row = (long) worker * BLOCK; row < rows; row += (long) crew.threads() * BLOCK) {
                block(given, row, (int) Math.min(BLOCK, rows - row), worker, c, z);
            }
        });
    }

    private void block(
            MemorySegment given, long row, int held, int worker, @Nullable MemorySegment c, MemorySegment z) {
        int concepts = memory.settings.concepts();
        int rows4 = BottleneckMemory.pad4(held);
        for (int b = 0; b < held; b++) {
            MemorySegment.copy(given, 4 * (row + b) * concepts, scores[worker], b * memory.scoreRow, 4L * concepts);
        }
        Strided from = new Strided(scores[worker].address(), memory.scoreRow, 4);
        for (int panel = 0; panel < memory.panels; panel++) {
            long own = layers[worker].address();
            layer(from, rows4, panel, own);
            for (int q = 0; q < memory.classPanels; q++) {
                head(own, rows4, panel, q, memory.rowsOfPanel(heads[worker].address(), q, BLOCK), panel > 0);
            }
            if (c != null) {
                write(layers[worker], held, memory.held(panel), c, row * concepts + (long) panel * WIDTH, concepts);
            }
        }
        int classes = memory.settings.classes();
        for (int q = 0; q < memory.classPanels; q++) {
            addBias(memory.rowsOfPanel(heads[worker].address(), q, BLOCK), held, q);
            MemorySegment from32 = heads[worker].asSlice((long) q * BLOCK * ROW);
            write(from32, held, Math.min(WIDTH, classes - q * WIDTH), z, row * classes + (long) q * WIDTH, classes);
        }
    }

    private void addBias(long z, int held, int classPanel) {
        for (int b = 0; b < held; b++) {
            for (int k = 0; k < WIDTH; k++) {
                long at = z + (long) b * ROW + 4L * k;
                RawMemory.set(at, RawMemory.get(at) + RawMemory.get(memory.bias + (long) classPanel * ROW + 4L * k));
            }
        }
    }

    private static void write(MemorySegment panel, int held, int width, MemorySegment out, long first, int stride) {
        for (int b = 0; b < held; b++) {
            long to = 4 * (first + (long) b * stride);
            MemorySegment.copy(
                    panel, ValueLayout.JAVA_FLOAT, (long) b * ROW, out, ValueLayout.JAVA_FLOAT_UNALIGNED, to, width);
        }
    }
}
