package dev.lapidary.data;

import java.io.IOException;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Reads texts from the rows of a table. */
final class Tables {
    private static final String JOINT = ". ";

    private Tables() {}

    static Dataset read(Table table, DataSource source, LabelUse use) throws IOException {
        boolean separate = source.labels().isPresent() && use != LabelUse.IGNORE;
        ColumnChoice choice = ColumnChoice.of(table, source, use != LabelUse.IGNORE && !separate);
        List<String> labels = separate ? LabelFiles.read(source.labels().get(), source.labelColumn()) : null;
        ItemCollector items = new ItemCollector(source.path());
        table.rows((line, values) -> {
            int row = items.seen();
            items.add(
                    "row " + (row + 1) + " (line " + line + ")",
                    text(values, choice.text()),
                    label(values, row, choice, labels),
                    choice.id() < 0 ? null : values.get(choice.id()));
        });
        if (labels != null && LabelFiles.fit(labels, items.seen()).size() != items.seen()) {
            throw LabelFiles.mismatch(source, labels.size(), items.seen());
        }
        return items.finish(choice.names(), use);
    }

    private static @Nullable String label(
            List<String> values, int row, ColumnChoice choice, @Nullable List<String> labels) {
        if (labels != null) {
            return row < labels.size() ? labels.get(row) : "";
        }
        return choice.label() < 0 ? null : values.get(choice.label());
    }

    private static String text(List<String> values, List<Integer> columns) {
        if (columns.size() == 1) {
            return values.get(columns.getFirst());
        }
        StringJoiner joined = new StringJoiner(JOINT);
        for (int column : columns) {
            if (!LabelNames.trim(values.get(column)).isEmpty()) {
                joined.add(values.get(column));
            }
        }
        return joined.toString();
    }
}
