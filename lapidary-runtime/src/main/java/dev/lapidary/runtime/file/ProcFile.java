package dev.lapidary.runtime.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Reads the text files in which Linux tells about memory. */
final class ProcFile {
    private ProcFile() {}

    /** Returns the bytes in the line that begins with a key and says them in kB; empty where there is none. */
    static OptionalLong bytes(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(key)) {
                    return OptionalLong.of(1024 * Long.parseLong(line.replaceAll("[^0-9]", "")));
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty(); // not Linux
        }
        return OptionalLong.empty();
    }
}
