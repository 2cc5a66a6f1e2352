package dev.lapidary.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Rotary position embeddings: the pair (i, i + headWidth/2) of a head at position p is turned by the angle p·f_i. Angles are
 * calculated in float64, sines and cosines kept as float32.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., RoFormer, 2021</a>
 */
public final class RotaryAngles {
    private final MemorySegment table; // [positions, 2, half]: of each position first the cosines, then the sines
    private final int positions;
    private final int half;

    /**
     * Calculates the angles.
     *
     * @param frequencies f [headWidth / 2], radians per position
     * @param positions how many, from 0 on
     * @param arena keeps the table's 4·positions·headWidth bytes
     */
    public RotaryAngles(double[] frequencies, int positions, Arena arena) {
        this.positions = positions;
        this.half = frequencies.length;
        this.table = arena.allocate(2L * Float.BYTES * half * positions, 64);
        for (int p = 0; p < positions; p++) {
            long at = table.address() + 8L * half * p;
            for (int i = 0; i < half; i++) {
                double angle = p * frequencies[i];
                RawMemory.set(at + 4L * i, (float) Math.cos(angle));
                RawMemory.set(at + 4L * (half + i), (float) Math.sin(angle));
            }
        }
    }

    /** Returns how many positions there are angles for. */
    public int positions() {
        return positions;
    }

    /**
     * Turns every head of each row, in place: row r as position start + r.
     *
     * @param x [rows, heads, headWidth]
     */
    public void rotate(MemorySegment x, int start, int rows, int heads) {
        if (start < 0 || rows < 0 || start > positions - rows) {
            throw new IllegalArgumentException(
                    "rows must be within " + positions + " positions; got " + rows + " from " + start + " on");
        }
        long head = DecoderKernels.address(x, 0, 2L * half * heads * rows);
        for (int r = 0; r < rows; r++) {
            long turn = table.address() + 8L * half * (start + r);
            for (int h = 0; h < heads; h++) {
                if (Simd.on()) {
                    DecoderLanes.rotate(head, turn, half);
                } else {
                    DecoderScalars.rotate(head, turn, half);
                }
                head += 8L * half;
            }
        }
    }
}
