package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which columns of a table are the text, the label and the id.
 *
 * @param text positions, joined by ". " in this order
 * @param label position, or -1 where labels come from elsewhere or are not wanted
 * @param id position, or -1
 * @param names what to record
 */
record ColumnChoice(List<Integer> text, int label, int id, DatasetColumns names) {
    private static final List<String> TITLES = List.of("title", "headline", "subject");
    private static final List<String> TEXTS = List.of(
            "text", "sentence", "content", "body", "description", "message", "review", "comment", "document", "query");
    private static final List<String> LABELS = List.of("label", "class", "category", "target");

    /** Takes the columns that were asked for, else those with a usual name. */
    static ColumnChoice of(Table table, DataSource source, boolean wantLabel) {
        Path path = table.path();
        List<String> columns = table.columns();
        int label = -1;
        if (wantLabel) {
            label = source.labelColumn().isPresent()
                    ? find(path, columns, source.labelColumn().get(), "--label")
                    : usual(columns, LABELS)
                            .orElseThrow(() -> new InputException(path + ": the header must name a label column "
                                    + Names.list(LABELS) + " (or give --label COLUMN); got columns "
                                    + Names.list(columns)));
        }
        int id = usual(columns, List.of("id")).orElse(-1);
        List<Integer> text = new ArrayList<>();
        if (source.textColumns().isEmpty()) {
            text.addAll(usualText(
                    path, columns, wantLabel ? label : usual(columns, LABELS).orElse(-1), id));
        } else {
            source.textColumns().forEach(name -> text.add(find(path, columns, name, "--text")));
        }
        List<String> names = text.stream().map(columns::get).toList();
        Optional<String> labelName = label < 0 ? Optional.empty() : Optional.of(columns.get(label));
        return new ColumnChoice(List.copyOf(text), label, id, new DatasetColumns(names, labelName));
    }

    /** The label column of a separate file of labels. */
    static int label(Table table, Optional<String> asked) {
        if (asked.isPresent()) {
            return find(table.path(), table.columns(), asked.get(), "--label");
        }
        return table.columns().size() == 1
                ? 0
                : usual(table.columns(), LABELS)
                        .orElseThrow(() -> new InputException(table.path() + ": the header must name a label column "
                                + Names.list(LABELS) + "; got columns " + Names.list(table.columns())));
    }

    private static List<Integer> usualText(Path path, List<String> columns, int label, int id) {
        Optional<Integer> text = usual(columns, TEXTS);
        Optional<Integer> title = usual(columns, TITLES);
        List<Integer> chosen = new ArrayList<>();
        title.ifPresent(chosen::add);
        text.ifPresent(chosen::add);
        for (int i = 0; chosen.isEmpty() && i < columns.size(); i++) {
            if (columns.size() == 1 + (label < 0 ? 0 : 1) + (id < 0 ? 0 : 1) && i != label && i != id) {
                chosen.add(i); // the only column left
            }
        }
        if (chosen.isEmpty()) {
            throw new InputException(path + ": the header must name a text column " + Names.list(TEXTS)
                    + " (or give --text COLUMN[,COLUMN...]); got columns " + Names.list(columns));
        }
        return chosen;
    }

    private static Optional<Integer> usual(List<String> columns, List<String> wanted) {
        for (String name : wanted) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).equalsIgnoreCase(name)) {
                    return Optional.of(i);
                }
            }
        }
        return Optional.empty();
    }

    private static int find(Path path, List<String> columns, String name, String option) {
        int at = columns.indexOf(name);
        List<String> spaced = columns.stream().map(ColumnChoice::spaced).toList();
        if (at < 0) {
            at = spaced.indexOf(spaced(name));
        }
        if (at >= 0 && (columns.contains(name) || spaced.lastIndexOf(spaced(name)) == at)) {
            return at;
        }
        String hint = Nearest.of(name, columns)
                .map(near -> "; did you mean '" + Names.brief(near) + "'?")
                .orElse("");
        throw new InputException(path + ": " + option + " must name a column of " + Names.list(columns) + "; got '"
                + Names.brief(name) + "'" + hint);
    }

    /** A name with one plain space for any white space in it, and none around it. */
    private static String spaced(String name) {
        return LabelNames.trim(name).replaceAll("[\\s\\h]+", " ");
    }
}
