package dev.lapidary.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What the system says about this process's memory, mapped files included. */
final class ProcessMemory {
    private ProcessMemory() {}

    /** Reads a line such as VmHWM (peak) or VmRSS (now) in KiB; 0 where the system has no such file. */
    static long kibibytes(String line) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(each -> each.startsWith(line))
                    .flatMap(each -> Arrays.stream(each.split("\\s+")))
                    .filter(word -> word.chars().allMatch(Character::isDigit))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
