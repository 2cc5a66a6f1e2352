package dev.lapidary.sparsity.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for tables that are read and written in long streams. Linux is asked for pages of 2 MiB, since the processor
 * looks up and fetches ahead within a page only; elsewhere, and where there are none, pages are the usual ones.
 */
final class HugePages {
    private static final long PAGE = 2 << 20; // bytes
    private static final int ALIGNMENT = 64; // bytes of a cache line

    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int WANT_HUGE = 14; // MADV_HUGEPAGE

    private static final @Nullable Calls CALLS = Calls.find().orElse(null);

    private HugePages() {}

    /** The calls of the C library. */
    private record Calls(MethodHandle map, MethodHandle advise, MethodHandle unmap) {
        @SuppressWarnings("restricted")
        static Optional<Calls> find() {
            if (!System.getProperty("os.name").equals("Linux")) {
                return Optional.empty();
            }
            ValueLayout pointer = ValueLayout.ADDRESS;
            ValueLayout size = ValueLayout.JAVA_LONG;
            ValueLayout number = ValueLayout.JAVA_INT;
            return Optional.of(new Calls(
                    call("mmap", FunctionDescriptor.of(pointer, pointer, size, number, number, number, size)),
                    call("madvise", FunctionDescriptor.of(number, pointer, size, number)),
                    call("munmap", FunctionDescriptor.of(number, pointer, size))));
        }

        @SuppressWarnings("restricted")
        private static MethodHandle call(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup library = linker.defaultLookup();
            return linker.downcallHandle(library.findOrThrow(name), type);
        }

        /** Returns the start of new memory, or -1 where there is none. */
        MemorySegment map(long bytes) {
            try {
                return (MemorySegment)
                        map.invokeExact(MemorySegment.NULL, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            } catch (Throwable failed) {
                throw uncallable("mmap", failed);
            }
        }

        void wantHuge(MemorySegment start, long bytes) {
            try {
                int _ = (int) advise.invokeExact(start, bytes, WANT_HUGE);
            } catch (Throwable failed) {
                throw uncallable("madvise", failed);
            }
        }

        void unmap(MemorySegment start, long bytes) {
            try {
                int _ = (int) unmap.invokeExact(start, bytes);
            } catch (Throwable failed) {
                throw uncallable("munmap", failed);
            }
        }

        private static IllegalStateException uncallable(String name, Throwable failed) {
            return new IllegalStateException(name + " must be callable; got " + failed, failed);
        }
    }

    /**
     * Returns memory of zeros at the start of a cache line, which lives as long as the arena.
     *
     * @throws OutOfMemoryError where the system gives none
     */
    static MemorySegment allocate(Arena arena, long bytes) {
        return CALLS == null || bytes < PAGE ? arena.allocate(bytes, ALIGNMENT) : map(CALLS, arena, bytes);
    }

    @SuppressWarnings("restricted")
    private static MemorySegment map(Calls calls, Arena arena, long bytes) {
        long mapped = bytes + PAGE; // of which only what is touched takes memory
        MemorySegment start = calls.map(mapped);
        if (start.address() == -1) {
            throw new OutOfMemoryError("the system gave no " + bytes + " bytes of native memory");
        }
        MemorySegment wanted = MemorySegment.ofAddress((start.address() + PAGE - 1) / PAGE * PAGE);
        calls.wantHuge(wanted, bytes / PAGE * PAGE);
        try {
            return wanted.reinterpret(bytes, arena, ignored -> calls.unmap(start, mapped));
        } catch (RuntimeException refused) { // by an arena that is closed, or another thread's
            calls.unmap(start, mapped);
            throw refused;
        }
    }
}
