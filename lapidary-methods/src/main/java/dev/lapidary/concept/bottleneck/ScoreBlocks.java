package dev.lapidary.concept.bottleneck;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Calculates cosines of chosen rows with concept vectors, a block at a time, so that a million items need no million rows of scores.
 *
 * <p>Shapes: vectors [M, d], or null where the unit embedding's d coordinates themselves are the scores; blocks [b, M] float32.
 * Closing frees the native copies of vectors and block.
 */
final class ScoreBlocks implements AutoCloseable {
    static final int ROWS = 2048;

    private final EmbeddingMatrix items;
    private final int[] rows;
    private final int width; // d
    private final int scores; // M
    private final Arena arena = Arena.ofShared();
    private final MemorySegment unit; // [ROWS, d]
    private final @Nullable MemorySegment vectors; // [M, d]

    ScoreBlocks(EmbeddingMatrix items, int[] rows, float @Nullable [][] vectors) {
        Torch.load();
        this.items = items;
        this.rows = rows;
        this.width = items.width();
        this.scores = vectors == null ? width : vectors.length;
        this.unit = arena.allocate(4L * ROWS * width, 64);
        this.vectors = vectors == null ? null : arena.allocate(4L * scores * width, 64);
        for (int m = 0; vectors != null && m < scores; m++) {
            MemorySegment.copy(vectors[m], 0, this.vectors, ValueLayout.JAVA_FLOAT, 4L * m * width, width);
        }
    }

    int rows() {
        return rows.length;
    }

    int scores() {
        return scores;
    }

    /** Writes the cosines of rows from (inclusive) to (exclusive), at most {@link #ROWS} of them, into out [to - from, M]. */
    void fill(int from, int to, MemorySegment out) {
        MemorySegment target = vectors == null ? out : unit;
        for (int i = 0; i < to - from; i++) {
            copyUnit(from + i, target, i);
        }
        multiply(to - from, out);
    }

    /** Writes the cosines of chosen rows, at most {@link #ROWS} positions in the list of rows, into out [chosen, M]. */
    void gather(int[] chosen, MemorySegment out) {
        MemorySegment target = vectors == null ? out : unit;
        for (int i = 0; i < chosen.length; i++) {
            copyUnit(chosen[i], target, i);
        }
        multiply(chosen.length, out);
    }

    private void copyUnit(int position, MemorySegment target, int at) {
        float[] e = items.row(rows[position]);
        float inverse = (float) UnitVector.inverseLength(e);
        for (int j = 0; j < width; j++) {
            e[j] *= inverse;
        }
        MemorySegment.copy(e, 0, target, ValueLayout.JAVA_FLOAT, 4L * at * width, width);
    }

    private void multiply(int count, MemorySegment out) {
        if (vectors != null) {
            try (TorchScope scope = TorchScope.open()) {
                Tensor e = Tensors.wrap(unit.asSlice(0, 4L * count * width), count, width);
                Tensor t = Tensors.wrap(vectors, scores, width);
                torch.mm_out(Tensors.wrap(out, count, scores), e, t.t());
            }
        }
    }

    /** Writes the cosines of all rows into out [n, M]. */
    void fillAll(MemorySegment out) {
        for (int from = 0; from < rows.length; from += ROWS) {
            int to = Math.min(rows.length, from + ROWS);
            fill(from, to, out.asSlice(4L * from * scores, 4L * (to - from) * scores));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
