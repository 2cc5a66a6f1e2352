package dev.lapidary.bench.fuzz;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A format that is read.
 *
 * @param name in kebab case
 * @param file which of the files is mutated, within the folder
 */
record FuzzFormat(String name, String file, Maker maker, Reader reader) {
    /** Writes a small valid example. */
    @FunctionalInterface
    interface Maker {
        /** Writes it into an empty folder. */
        void make(Path folder) throws IOException;
    }

    /** Reads all of an example. */
    @FunctionalInterface
    interface Reader {
        /** Reads it from the folder. */
        void read(Path folder) throws IOException;
    }
}
