package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects texts one by one, leaves out those without a text or a label, and says so. */
final class ItemCollector {
    private final Path path;
    private final List<String> texts = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>(); // one object per class name
    private final List<String> warnings = new ArrayList<>();
    private int[] rows = new int[1024];
    private int seen;
    private int withoutText;
    private int withoutLabel;
    private String firstWithoutText = "";
    private String firstWithoutLabel = "";

    ItemCollector(Path path) {
        this.path = path;
    }

    /** Rows handed in so far, left out or not. */
    int seen() {
        return seen;
    }

    /**
     * Takes an item.
     *
     * @param place such as "row 3 (line 4)", for messages
     * @param label null where labels are not read
     * @param id null where rows are counted instead
     */
    void add(String place, String text, @Nullable String label, @Nullable String id) {
        seen++;
        if (text.isBlank()) {
            firstWithoutText = withoutText++ == 0 ? place : firstWithoutText;
            return;
        }
        if (label != null && label.isBlank()) {
            firstWithoutLabel = withoutLabel++ == 0 ? place : firstWithoutLabel;
            return;
        }
        if (texts.size() == rows.length) {
            rows = Arrays.copyOf(rows, Math.multiplyExact(rows.length, 2));
        }
        rows[texts.size()] = seen;
        texts.add(text);
        if (label != null) {
            String name = label.strip();
            labels.add(names.computeIfAbsent(name, same -> same));
        }
        if (id != null) {
            ids.add(id.strip());
        }
    }

    void warn(String warning) {
        warnings.add(path + ": " + warning);
    }

    /** Makes the data set. */
    Dataset finish(DatasetColumns columns, LabelUse use) {
        left(withoutText, "an empty text", firstWithoutText);
        left(withoutLabel, "an empty label", firstWithoutLabel);
        if (texts.isEmpty()) {
            throw new InputException(path + ": must hold at least one item; got "
                    + (seen == 0 ? "none" : seen + " with an empty text or label, first " + firstEmpty()));
        }
        var found = use == LabelUse.IGNORE ? Dataset.Labels.NONE : Dataset.Labels.of(labels);
        RowIds rowIds = rowIds();
        return Dataset.create(new Dataset.Contents(rowIds, List.copyOf(texts), null), found, columns, warnings);
    }

    private String firstEmpty() {
        return withoutText > 0 ? firstWithoutText : firstWithoutLabel;
    }

    private void left(int count, String what, String first) {
        if (count > 0) {
            warn(count + (count == 1 ? " item with " : " items with ") + what + " left out, first " + first);
        }
    }

    private RowIds rowIds() {
        if (ids.size() == texts.size()) {
            boolean blank = ids.stream().anyMatch(String::isEmpty);
            if (!blank && new HashSet<>(ids).size() == ids.size()) {
                return RowIds.named(ids);
            }
            warn("column id is not unique for every row; rows are numbered from 1 instead");
        }
        return seen == texts.size() ? RowIds.counting(seen) : RowIds.rows(Arrays.copyOf(rows, texts.size()));
    }
}
