package dev.lapidary.sparsity.kernel;

import static dev.lapidary.sparsity.kernel.MaskSampleLanes.PER_ROW;
import static dev.lapidary.sparsity.kernel.MaskSampleLanes.VECTOR;
import static dev.lapidary.sparsity.kernel.MaskScratch.ROW;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Rows of float32 to and from rows of bfloat16 pairs: patterns 2i and 2i + 1 in the low and high halves of a word. */
final class MaskHalfLanes {
    private static final int HIGH = 0xFFFF0000;
    private static final int NEARLY_HALF = 0x7FFF;

    private MaskHalfLanes() {}

    static void widen(int patterns, int blocks, long from, long to) {
        int pairs = (patterns + 1) / 2;
        for (int block = 0; block < blocks; block++) {
            for (int pair = 0; pair < pairs; pair++) {
                long in = from + (long) (block * pairs + pair) * ROW;
                long out = to + (long) (block * patterns + 2 * pair) * ROW;
                widen(in, out, 2 * pair + 1 < patterns);
            }
        }
    }

    private static void widen(long in, long out, boolean both) {
        for (int lane = 0; lane < ROW; lane += VECTOR) {
            IntVector packed = RawMemory.loadInts(in + lane);
            RawMemory.store(packed.lanewise(VectorOperators.LSHL, 16), out + lane);
            if (both) {
                RawMemory.store(packed.and(HIGH), out + ROW + lane);
            }
        }
    }

    /** Rounds to nearest, ties to even. */
    static void narrow(int patterns, int blocks, long from, long to) {
        int pairs = (patterns + 1) / 2;
        for (int block = 0; block < blocks; block++) {
            for (int pair = 0; pair < pairs; pair++) {
                long in = from + (long) (block * patterns + 2 * pair) * ROW;
                long out = to + (long) (block * pairs + pair) * ROW;
                for (int lane = 0; lane < ROW; lane += VECTOR) {
                    IntVector low = RawMemory.loadInts(in + lane);
                    IntVector high = high(in + lane, 2 * pair + 1 < patterns);
                    RawMemory.store(pack(low, odd(low), high, odd(high)), out + lane);
                }
            }
        }
    }

    /** Rounds up where the bits that are cut off, plus random ones, overflow. */
    static void narrow(int patterns, int blocks, long from, long to, int counter, int secondKey) {
        int pairs = (patterns + 1) / 2;
        for (int pair = 0; pair < pairs; pair++) {
            for (int v = 0; v < blocks * PER_ROW; v++) {
                long lane = v % PER_ROW * VECTOR;
                long in = from + (long) (v / PER_ROW * patterns + 2 * pair) * ROW + lane;
                long out = to + (long) (v / PER_ROW * pairs + pair) * ROW + lane;
                IntVector counters = MaskSampleLanes.counters(v, counter + (pair << MaskNoise.REGION_BITS));
                IntVector word = MaskSampleLanes.word(counters, secondKey);
                IntVector low = RawMemory.loadInts(in);
                IntVector high = high(in, 2 * pair + 1 < patterns);
                RawMemory.store(pack(low, word.and(0xFFFF), high, word.lanewise(VectorOperators.LSHR, 16)), out);
            }
        }
    }

    private static IntVector high(long in, boolean both) {
        return both ? RawMemory.loadInts(in + ROW) : IntVector.zero(Lanes.INT);
    }

    /** Returns what rounds to nearest when added: just below half of the last place, half where that place is odd. */
    private static IntVector odd(IntVector bits) {
        return bits.lanewise(VectorOperators.LSHR, 16).and(1).add(NEARLY_HALF);
    }

    private static IntVector pack(IntVector low, IntVector lowUp, IntVector high, IntVector highUp) {
        return low.add(lowUp)
                .lanewise(VectorOperators.LSHR, 16)
                .or(high.add(highUp).and(HIGH));
    }
}
