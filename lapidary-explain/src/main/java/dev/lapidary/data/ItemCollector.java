package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        if (LabelNames.trim(text).isEmpty()) {
            firstWithoutText = withoutText++ == 0 ? place : firstWithoutText;
            return;
        }
        String name = label == null ? null : LabelNames.clean(label);
        if (name != null && name.isEmpty()) {
            firstWithoutLabel = withoutLabel++ == 0 ? place : firstWithoutLabel;
            return;
        }
        if (texts.size() == rows.length) {
            rows = Arrays.copyOf(rows, Math.multiplyExact(rows.length, 2));
        }
        rows[texts.size()] = seen;
        texts.add(text);
        if (name != null) {
            labels.add(names.computeIfAbsent(name, same -> same));
        }
        if (id != null) {
            ids.add(LabelNames.trim(id));
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
        LabelNames.warnings(found.classes()).forEach(this::warn);
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
            Optional<RowIds> named = RowIds.given(ids, i -> rows[i], this::warn);
            if (named.isPresent()) {
                return named.get();
            }
        }
        return seen == texts.size() ? RowIds.counting(seen) : RowIds.rows(Arrays.copyOf(rows, texts.size()));
    }
}
