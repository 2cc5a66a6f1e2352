package dev.lapidary.runtime.file;

import com.sun.management.OperatingSystemMXBean;
import dev.lapidary.runtime.InputException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/** Refuses what a file asks for beyond the memory that there is. */
public final class MemoryLimit {
    private MemoryLimit() {}

    /** Returns the bytes that could be allocated natively now; the whole memory where the system does not say. */
    public static long available() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize(); // of the container, where there is one
        // unlike the free memory this counts what the page cache would give up
        return Math.min(
                total, ProcFile.bytes(Path.of("/proc/meminfo"), "MemAvailable:").orElse(total));
    }

    /** Returns the bytes that the heap can still take, garbage not counted. */
    public static long freeHeap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }

    /** Refuses what does not fit into the free part of the Java heap. */
    public static void requireHeap(String where, long bytes) {
        require(where, bytes, freeHeap(), "the Java heap");
    }

    /** Refuses what does not fit into the available bytes of a memory that the message names. */
    public static void require(String where, long bytes, long available, String what) {
        if (bytes > available) {
            throw new InputException(where + ": must fit in " + what + ", where " + (available >> 20)
                    + " MiB are free; got data that needs " + (bytes >> 20) + " MiB");
        }
    }
}
