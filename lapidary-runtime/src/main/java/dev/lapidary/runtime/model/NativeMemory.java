package dev.lapidary.runtime.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of an arena that starts at a cache line, as the kernels like it. */
final class NativeMemory {
    private static final int ALIGNMENT = 64; // bytes, a cache line

    private NativeMemory() {}

    static MemorySegment bytes(Arena arena, long count) {
        return arena.allocate(count, ALIGNMENT);
    }

    static MemorySegment floats(Arena arena, long count) {
        return bytes(arena, Float.BYTES * count);
    }
}
