package dev.lapidary.runtime.file;

import java.nio.file.Path;

/** What the system says about this process's resident memory, mapped files included, in bytes; 0 where it does not say. */
public final class ProcessMemory {
    private ProcessMemory() {}

    /** Returns the resident memory now. */
    public static long resident() {
        return bytes("VmRSS:");
    }

    /** Returns the largest resident memory so far. */
    public static long peak() {
        return bytes("VmHWM:");
    }

    private static long bytes(String key) {
        return ProcFile.bytes(Path.of("/proc/self/status"), key).orElse(0);
    }
}
