package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.BufferedReader;
import java.io.IOException;
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
            table.rows((line, values) -> labels.add(LabelNames.clean(values.get(position))));
            return labels;
        }
        try (BufferedReader lines = TextFile.check(path).open()) {
            return lines.lines().map(LabelNames::clean).toList();
        }
    }

    /** Labels without the blank lines at the end of their file that no item is left for. */
    static List<String> fit(List<String> labels, int items) {
        int count = labels.size();
        while (count > items && labels.get(count - 1).isEmpty()) {
            count--;
        }
        return labels.subList(0, count);
    }

    static InputException mismatch(DataSource source, int labels, int items) {
        return new InputException(source.path() + ": there must be one label per item; got " + labels + " labels"
                + source.labels().map(path -> " in " + path).orElse("") + " for " + items + " items");
    }
}
