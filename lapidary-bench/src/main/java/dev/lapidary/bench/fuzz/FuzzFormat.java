package dev.lapidary.bench.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * A format that is read.
 *
 * @param name in kebab case
 * @param file which of the files is mutated, within the folder
 * @param sealing gives mutants their checksums again, so that what lies behind them is reached; as they are where there are none
 */
record FuzzFormat(String name, String file, Maker maker, Reader reader, UnaryOperator<byte[]> sealing) {
    FuzzFormat(String name, String file, Maker maker, Reader reader) {
        this(name, file, maker, reader, UnaryOperator.identity());
    }

    /** Whether each reading takes a hundred times longer than the rest, as native sessions do, or logs a warning. */
    boolean slow() {
        return name.startsWith("onnx-") || name.startsWith("encoder-") || name.startsWith("cached-");
    }

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
