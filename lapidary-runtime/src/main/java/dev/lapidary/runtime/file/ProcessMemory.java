package dev.lapidary.runtime.file;

import java.io.IOException;
import java.nio.file.Files;
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
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(key)) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            return 0; // not Linux
        }
        return 0;
    }
}
