package dev.lapidary.image;

import dev.lapidary.data.DataReader;
import dev.lapidary.data.Names;
import dev.lapidary.data.Table;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which concepts pictures truly show: a .csv, .tsv or .jsonl file with a column of paths, named as {@link ImageItems} does, and a
 * column for each concept, of 1 where it is present, 0 where it is absent, and nothing where that is not known.
 */
public final class ConceptLabels {
    /** What {@link #rows} has where nothing is known. */
    public static final byte UNKNOWN = -1;

    /** The most concepts of a file. */
    public static final int MOST_CONCEPTS = 10_000;

    private final Path file;
    private final List<String> names;
    private final Map<String, byte[]> rows;

    private ConceptLabels(Path file, List<String> names, Map<String, byte[]> rows) {
        this.file = file;
        this.names = names;
        this.rows = rows;
    }

    /**
     * Reads the labels of known pictures; not all of them need a row.
     *
     * @param images the names that rows may have, such as the paths of a data set's items
     * @throws InputException where a row names another picture or one a second time, or a label is neither 0, 1 nor empty
     */
    public static ConceptLabels read(Path file, Collection<String> images) {
        try {
            requireFile(file);
            return read(DataReader.table(file), new HashSet<>(images));
        } catch (AccessDeniedException e) {
            throw new InputException(file + ": must be readable; got no permission for " + e.getFile(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static void requireFile(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) == 0) {
            throw new InputException(file + ": must be a .csv, .tsv or .jsonl file of concept labels; got "
                    + (Files.exists(file) ? "an empty or special file" : "nothing at this path"));
        }
    }

    private static ConceptLabels read(Table table, Set<String> images) {
        int path = ImageTable.pathColumn(table);
        int[] columns = IntStream.range(0, table.columns().size())
                .filter(column -> column != path)
                .toArray();
        List<String> names = names(table, columns);
        Map<String, byte[]> rows = new HashMap<>();
        table.rows((line, values) -> {
            String image = values.get(path).strip();
            if (!images.contains(image)) {
                throw new InputException(
                        table.path() + ": line " + line + " must name an image of the data; got '" + image + "'");
            }
            byte[] labels = new byte[columns.length];
            for (int k = 0; k < columns.length; k++) {
                labels[k] = label(values.get(columns[k]).strip(), table.path(), line, names.get(k));
            }
            if (rows.put(image, labels) != null) {
                throw new InputException(table.path() + ": images must have one row each; got '"
                        + InputException.quote(image) + "' again on line " + line);
            }
        });
        return new ConceptLabels(table.path(), names, rows);
    }

    private static List<String> names(Table table, int[] columns) {
        if (columns.length == 0 || columns.length > MOST_CONCEPTS) {
            throw new InputException(table.path() + ": must have columns of 1 to " + MOST_CONCEPTS
                    + " concepts beside the paths; got " + columns.length);
        }
        SequencedSet<String> names = new LinkedHashSet<>();
        for (int column : columns) {
            String name = table.columns().get(column).strip();
            if (name.isEmpty() || !names.add(name)) {
                throw new InputException(
                        table.path() + ": concepts must have distinct names with letters; got '" + name + "'");
            }
        }
        return List.copyOf(names);
    }

    private static byte label(String value, Path file, long line, String name) {
        return switch (value) {
            case "1" -> 1;
            case "0" -> 0;
            case "" -> UNKNOWN;
            default ->
                throw new InputException(file + ": labels must be 0, 1 or empty; got '" + InputException.quote(value)
                        + "' for '" + InputException.quote(name) + "' on line " + line);
        };
    }

    /** Returns the concepts, in the order of the columns; distinct. */
    public List<String> names() {
        return names;
    }

    /**
     * Returns the labels of pictures: 1, 0 or {@link #UNKNOWN}, [n, k] with k in the order of {@link #names()}.
     *
     * @param images n names
     * @throws InputException where the file has no row of one
     */
    public byte[][] rows(List<String> images) {
        byte[][] wanted = new byte[images.size()][];
        for (int i = 0; i < wanted.length; i++) {
            byte[] row = rows.get(images.get(i));
            if (row == null) {
                throw new InputException(
                        file + ": must have a row for every image; got none for " + Names.list(List.of(images.get(i))));
            }
            wanted[i] = row.clone();
        }
        return wanted;
    }
}
