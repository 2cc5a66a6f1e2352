package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads labels from a file of their own: one a line, or the label column of a .csv, .tsv or .jsonl file. */
final class LabelFiles {
    private LabelFiles() {}

    static List<String> read(Path path, Optional<String> column) throws IOException {
        DataReader.requireFile(path);
        String name = path.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".jsonl")) {
            Table table = DataReader.table(path);
            int position = ColumnChoice.label(table, column);
            List<String> labels = new ArrayList<>();
            table.rows((line, values) -> labels.add(values.get(position).strip()));
            return labels;
        }
        Utf8Check.check(path);
        List<String> labels = new ArrayList<>(
                Files.readAllLines(path).stream().map(String::strip).toList());
        if (!labels.isEmpty() && labels.getFirst().startsWith("\ufeff")) {
            labels.set(0, labels.getFirst().substring(1).strip());
        }
        while (!labels.isEmpty() && labels.getLast().isEmpty()) {
            labels.removeLast();
        }
        return labels;
    }

    static InputException mismatch(DataSource source, int labels, int items) {
        return new InputException(source.path() + ": there must be one label per item; got " + labels + " labels"
                + source.labels().map(path -> " in " + path).orElse("") + " for " + items + " items");
    }
}
