package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where items are and how to read them.
 *
 * @param path a .csv, .tsv, .jsonl or .json file, a folder with one sub-folder per class, or embeddings in .safetensors, .npy or .npz
 * @param textColumns columns joined by ". "; empty: chosen by name
 * @param labelColumn column of the labels; empty: chosen by name
 * @param labels a separate file of labels, one a line (or a .csv or .tsv with a label column), in the order of the items
 * @param delimiter what separates the columns of a file of rows; empty: found out
 */
public record DataSource(
        Path path,
        List<String> textColumns,
        Optional<String> labelColumn,
        Optional<Path> labels,
        Optional<Character> delimiter) {
    /** Copies the list. */
    public DataSource {
        textColumns = List.copyOf(textColumns);
    }

    /** Creates one whose delimiter is found out. */
    public DataSource(Path path, List<String> textColumns, Optional<String> labelColumn, Optional<Path> labels) {
        this(path, textColumns, labelColumn, labels, Optional.empty());
    }

    /** The same source with this character between columns. */
    public DataSource withDelimiter(Optional<Character> character) {
        return new DataSource(path, textColumns, labelColumn, labels, character);
    }

    /** Refuses a delimiter where there are no columns. */
    void requireNoDelimiter(String what) {
        if (delimiter.isPresent()) {
            throw new InputException(
                    path + ": --delimiter must be left out for " + what + "; got '" + delimiter.get() + "'");
        }
    }

    /** Reads a path with columns chosen by their names. */
    public static DataSource of(Path path) {
        return new DataSource(path, List.of(), Optional.empty(), Optional.empty());
    }

    /** The same source with columns filled in where none were asked for, as a trained model recorded them. */
    public DataSource orColumns(DatasetColumns recorded) {
        return new DataSource(
                path,
                textColumns.isEmpty() ? recorded.text() : textColumns,
                labelColumn.or(recorded::label),
                labels,
                delimiter);
    }
}
