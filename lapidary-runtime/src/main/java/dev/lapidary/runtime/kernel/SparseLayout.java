package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the survivors of a 2:4 matrix [rows, columns] lie: a lane per row, so that a product needs no sums across lanes.
 *
 * <p>Rows form blocks of 16 and panels of 4 blocks (the last panel has 1 to 4, the last block may have padded rows); columns
 * form chunks of 32, that is 8 groups of four (the last chunk may have padded groups). Panels follow each other; within a
 * panel of B blocks chunk follows chunk, and a chunk holds
 *
 * <ul>
 *   <li>column codes: B blocks of 16 words of 32 bits, a word per row; bits 4g and 4g + 1 say where in group g its first
 *       survivor stands (0 to 3), bits 4g + 2 and 4g + 3 the second;
 *   <li>values in float32: for each of 16 survivors (two of each group, in order) B blocks of 16 values; in bfloat16: for
 *       each of 8 groups B blocks of 16 pairs, the first survivor in the lower half of a 32-bit word; in int8: as in float32,
 *       with bytes.
 * </ul>
 *
 * <p>What pads is 0, codes and values alike. All parts start at multiples of 64 bytes, but for the values of int8.
 */
record SparseLayout(WeightType type, int rows, int columns) {
    /** Rows of a block: the lanes of the widest vector. */
    static final int BLOCK = 16;

    /** Blocks of a whole panel: how many row blocks share each load of x. */
    static final int PANEL_BLOCKS = 4;

    /** Rows of a whole panel. */
    static final int PANEL = BLOCK * PANEL_BLOCKS;

    /** Groups of a chunk: their codes fill a word. */
    static final int GROUPS = 8;

    /** Columns of a chunk. */
    static final int CHUNK = 4 * GROUPS;

    /** Why no loop over a 2:4 matrix has a case for it. */
    static final String NEVER = "a 2:4 matrix is never f16";

    private static final int CODE_BYTES = 4 * BLOCK;
    private static final int SURVIVORS = 2 * GROUPS;
    private static final int[] POSITIONS = SparsityPattern.TWO_OF_FOUR.positions();

    SparseLayout {
        MatrixMemory.checkShape(rows, columns);
        if (type == WeightType.F16) {
            throw new InputException("2:4 weights must be f32, bf16 or int8; got f16");
        }
        if (columns % 4 != 0) {
            throw new InputException("columns of a 2:4 matrix must be a multiple of 4; got " + columns);
        }
    }

    /** Bytes of a chunk of one block: codes and values. */
    int blockBytes() {
        return CODE_BYTES + SURVIVORS * BLOCK * type.bytes();
    }

    int chunks() {
        return Math.ceilDiv(columns, CHUNK);
    }

    private int blocks() {
        return Math.ceilDiv(rows, BLOCK);
    }

    int panels() {
        return Math.ceilDiv(rows, PANEL);
    }

    /** Blocks of a panel, 1 to 4. */
    int blocks(int panel) {
        return Math.min(PANEL_BLOCKS, blocks() - panel * PANEL_BLOCKS);
    }

    /** Offset of a panel in bytes. */
    long panelAt(int panel) {
        return (long) panel * PANEL_BLOCKS * chunks() * blockBytes();
    }

    /** Bytes of the whole matrix. */
    long bytes() {
        return Math.multiplyExact((long) blocks() * chunks(), (long) blockBytes());
    }

    /** Offset of the code word of a row for the chunk of a group. */
    private long wordAt(int row, int group) {
        int panel = row / PANEL;
        long chunk = panelAt(panel) + (long) (group / GROUPS) * blocks(panel) * blockBytes();
        return chunk + 4L * (row % PANEL);
    }

    /** Index of a value, counted in values from the start of the matrix. */
    private long valueIndex(int row, int group, int survivor) {
        int panel = row / PANEL;
        int blocks = blocks(panel);
        long chunk = panelAt(panel) + (long) (group / GROUPS) * blocks * blockBytes();
        long values = (chunk + (long) blocks * CODE_BYTES) / type.bytes();
        int lanes = blocks * BLOCK;
        int lane = row % PANEL;
        int inChunk = group % GROUPS;
        return type == WeightType.BF16
                ? values + 2L * (inChunk * lanes + lane) + survivor
                : values + (2L * inChunk + survivor) * lanes + lane;
    }

    int column(MemorySegment data, int row, int group, int survivor) {
        return data.get(MatrixMemory.INT, wordAt(row, group)) >>> shift(group, survivor) & 3;
    }

    private static int shift(int group, int survivor) {
        return group % GROUPS * 4 + 2 * survivor;
    }

    byte code(MemorySegment data, int row, int group) {
        int positions = 1 << column(data, row, group, 0) | 1 << column(data, row, group, 1);
        return (byte) SparsityPattern.TWO_OF_FOUR.code(positions);
    }

    /** Returns a survivor without its row's scale. */
    float value(MemorySegment data, int row, int group, int survivor) {
        long i = valueIndex(row, group, survivor);
        return switch (type) {
            case F32 -> data.getAtIndex(MatrixMemory.FLOAT, i);
            case BF16 -> Bfloat16.widen(data.getAtIndex(MatrixMemory.SHORT, i));
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case F16 -> throw new IllegalStateException(NEVER);
        };
    }

    /** Whether all rows and groups that pad are 0. */
    boolean padsWithZeros(MemorySegment data) {
        int groups = columns / 4;
        int padded = chunks() * GROUPS;
        for (int row = 0; row < blocks() * BLOCK; row++) {
            for (int group = row < rows ? groups : 0; group < padded; group++) {
                if (!isZero(data, row, group)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether the codes and values of a group have no bit set: -0 is another value. */
    private boolean isZero(MemorySegment data, int row, int group) {
        for (int survivor = 0; survivor < 2; survivor++) {
            if (column(data, row, group, survivor) != 0
                    || Float.floatToRawIntBits(value(data, row, group, survivor)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the largest magnitude of a row's survivors, which must be finite. */
    float largestKept(MemorySegment weights, byte[] codes, int row) {
        float largest = 0;
        int groups = columns / 4;
        for (int group = 0; group < groups; group++) {
            int kept = kept(codes[row * groups + group]);
            for (int rest = kept; rest != 0; rest &= rest - 1) {
                long at = (long) row * columns + 4L * group + Integer.numberOfTrailingZeros(rest);
                largest = Math.max(largest, MatrixMemory.largest(weights, at, 1));
            }
        }
        return largest;
    }

    void packRow(MemorySegment weights, byte[] codes, int row, float scale, MemorySegment data) {
        int groups = columns / 4;
        for (int group = 0; group < groups; group++) {
            int rest = kept(codes[row * groups + group]);
            for (int survivor = 0; survivor < 2; survivor++) {
                int column = Integer.numberOfTrailingZeros(rest);
                rest &= rest - 1;
                long word = wordAt(row, group);
                data.set(MatrixMemory.INT, word, data.get(MatrixMemory.INT, word) | column << shift(group, survivor));
                float value = weights.getAtIndex(MatrixMemory.FLOAT, (long) row * columns + 4L * group + column);
                MatrixMemory.put(type, data, valueIndex(row, group, survivor), value, scale);
            }
        }
    }

    private static int kept(byte code) {
        if (code < 0 || code >= POSITIONS.length) {
            throw new InputException("codes of 2:4 must lie in [0, " + POSITIONS.length + "); got " + code);
        }
        return POSITIONS[code];
    }
}
