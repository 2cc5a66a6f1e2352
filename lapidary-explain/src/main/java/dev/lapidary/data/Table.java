package dev.lapidary.data;

import java.nio.file.Path;
import java.util.List;

/** A file of rows with named columns, read from the beginning as often as wanted. */
public sealed interface Table permits CsvTable, JsonTable {
    /** The file. */
    Path path();

    /** The distinct names of the columns. */
    List<String> columns();

    /** Hands every row to a sink, in order. */
    void rows(Sink sink);

    /** Takes one row. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes the values of one row.
         *
         * @param line where the row begins in the file, from 1
         * @param values one per column, "" where the row has none
         */
        void row(long line, List<String> values);
    }
}
