package dev.lapidary.data;

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
 */
public record DataSource(Path path, List<String> textColumns, Optional<String> labelColumn, Optional<Path> labels) {
    /** Copies the list. */
    public DataSource {
        textColumns = List.copyOf(textColumns);
    }

    /** Reads a path with columns chosen by their names. */
    public static DataSource of(Path path) {
        return new DataSource(path, List.of(), Optional.empty(), Optional.empty());
    }

    /** The same source with columns filled in where none were asked for, as a trained model recorded them. */
    public DataSource orColumns(DatasetColumns recorded) {
        return new DataSource(
                path, textColumns.isEmpty() ? recorded.text() : textColumns, labelColumn.or(recorded::label), labels);
    }
}
