package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.RawMemory;
import java.lang.foreign.MemorySegment;

/** A run of blocks of a state, the last of which may hold fewer than 16 groups. */
final class MaskChunk {
    private static final int BLOCK = MaskState.BLOCK;

    final MaskState state;
    final long block;
    final int blocks;
    final long firstGroup;
    final int groups; // real ones

    MaskChunk(MaskState state, long block, int blocks) {
        this.state = state;
        this.block = block;
        this.blocks = blocks;
        firstGroup = block * BLOCK;
        groups = (int) Math.min((long) blocks * BLOCK, state.groups() - firstGroup);
    }

    boolean isWhole() {
        return groups == blocks * BLOCK;
    }

    long weights() {
        return (long) groups * state.pattern().of();
    }

    long region() {
        return firstGroup >>> MaskNoise.REGION_BITS;
    }

    /** Sets the counter and the second key of a draw. */
    void take(MaskScratch scratch, long keys) {
        scratch.counter = (int) keys + (int) (firstGroup & MaskNoise.GROUP_MASK);
        scratch.secondKey = (int) (keys >>> 32);
    }

    /** Returns where the chunk's rows of a part of the state lie. */
    long part(int index) {
        return state.part(index) + block * MaskState.blockBytes(state.pattern(), state.type());
    }

    /** Returns where the chunk's first weight lies. */
    long address(MemorySegment all) {
        return all.address() + 4 * firstGroup * state.pattern().of();
    }

    /** Returns where the chunk's weights lie, padded by zeros: in place or copied to the scratch. */
    long whole(long scratch, MemorySegment all) {
        if (isWhole()) {
            return address(all);
        }
        copy(address(all), scratch, weights());
        for (long i = weights(); i < (long) blocks * BLOCK * state.pattern().of(); i++) {
            RawMemory.set(scratch + 4 * i, 0f);
        }
        return scratch;
    }

    /** Copies the chunk's values of [groups, patterns] to rows; padding becomes 0. */
    void spread(MemorySegment all, long rows) {
        int patterns = state.pattern().count();
        for (int group = 0; group < blocks * BLOCK; group++) {
            for (int i = 0; i < patterns; i++) {
                long from = 4 * ((firstGroup + group) * patterns + i);
                float value = group < groups ? RawMemory.get(all.address() + from) : 0;
                RawMemory.set(at(rows, patterns, group, i), value);
            }
        }
    }

    /** Copies rows to the chunk's values of [groups, patterns]. */
    void gather(long rows, MemorySegment all) {
        int patterns = state.pattern().count();
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < patterns; i++) {
                long to = 4 * ((firstGroup + group) * patterns + i);
                RawMemory.set(all.address() + to, RawMemory.get(at(rows, patterns, group, i)));
            }
        }
    }

    /** Copies floats from one address to another. */
    static void copy(long from, long to, long floats) {
        for (long i = 0; i < 4 * floats; i += 4) {
            RawMemory.set(to + i, RawMemory.get(from + i));
        }
    }

    private static long at(long rows, int patterns, int group, int code) {
        return rows
                + (long) (group / BLOCK * patterns + code) * MaskScratch.ROW
                + 4L * MaskScratch.position(group % BLOCK);
    }
}
