package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds items, each with an id and a text or an embedding, and perhaps labels.
 *
 * <p>Classes are sorted by name; every class has at least one item when read from a file. A million items cost no million objects:
 * row numbers stay numbers and embeddings stay in their mapped file. Whoever read it closes it.
 */
public final class Dataset implements AutoCloseable {
    private final RowIds ids;
    private final @Nullable List<String> texts;
    private final @Nullable EmbeddingMatrix embeddings;
    private final int @Nullable [] labels; // [n], index into classes or -1
    private final List<String> classes;
    private final DatasetColumns columns;
    private final List<String> warnings;
    private final int testFrom; // first row of a test part of its own, or the number of rows
    private long @Nullable [] hashes; // [n], calculated when first asked for
    private @Nullable String digest;

    private Dataset(Contents contents, Labels labels, DatasetColumns columns, List<String> warnings, int testFrom) {
        this.testFrom = testFrom;
        this.ids = contents.ids();
        this.texts = contents.texts();
        this.embeddings = contents.embeddings();
        this.labels = labels.indices();
        this.classes = labels.classes();
        this.columns = columns;
        this.warnings = List.copyOf(warnings);
        int found = this.labels == null ? ids.size() : this.labels.length;
        if (found != ids.size()) {
            throw new IllegalArgumentException("every item must have a label; got " + found + " of " + ids.size());
        }
    }

    /** What the items are: exactly one of texts and embeddings. */
    record Contents(
            RowIds ids,
            @Nullable List<String> texts,
            @Nullable EmbeddingMatrix embeddings) {}

    /** The labels as indices into sorted class names. */
    @SuppressWarnings("ArrayRecordComponent") // a million labels; never changed
    record Labels(int @Nullable [] indices, List<String> classes) {
        static final Labels NONE = new Labels(null, List.of());

        /** Sorts the distinct names; null stands for an item without a label. */
        static Labels of(List<? extends @Nullable String> names) {
            TreeSet<String> distinct = new TreeSet<>();
            for (String name : names) {
                if (name != null) {
                    distinct.add(name);
                }
            }
            return index(names, List.copyOf(distinct));
        }

        private static Labels index(List<? extends @Nullable String> names, List<String> classes) {
            var positions = new HashMap<String, Integer>();
            classes.forEach(name -> positions.put(name, positions.size()));
            int[] indices = new int[names.size()];
            for (int i = 0; i < indices.length; i++) {
                String name = names.get(i);
                indices[i] = name == null ? -1 : positions.getOrDefault(name, -1);
            }
            return new Labels(indices, classes);
        }

        /** Sorts class names that indices refer to and drops those that no item has. */
        static Labels of(int[] given, List<String> names) {
            boolean[] used = new boolean[names.size()];
            for (int label : given) {
                used[label] = true;
            }
            TreeSet<String> distinct = new TreeSet<>();
            for (int k = 0; k < used.length; k++) {
                if (used[k]) {
                    distinct.add(names.get(k));
                }
            }
            List<String> classes = List.copyOf(distinct);
            int[] position = new int[names.size()];
            for (int k = 0; k < position.length; k++) {
                position[k] = Collections.binarySearch(classes, names.get(k));
            }
            return new Labels(Arrays.stream(given).map(k -> position[k]).toArray(), classes);
        }
    }

    static Dataset create(Contents contents, Labels labels, DatasetColumns columns, List<String> warnings) {
        return create(contents, labels, columns, warnings, contents.ids().size());
    }

    /** Makes one whose rows from some row on are a test part of their own. */
    static Dataset create(
            Contents contents, Labels labels, DatasetColumns columns, List<String> warnings, int testFrom) {
        return new Dataset(contents, labels, columns, warnings, testFrom);
    }

    /** Makes one of texts with one label each; ids count from 1. */
    public static Dataset ofTexts(List<String> texts, List<String> labels) {
        var contents = new Contents(RowIds.counting(texts.size()), List.copyOf(texts), null);
        return create(contents, Labels.of(labels), DatasetColumns.NONE, List.of());
    }

    /** Makes one of embeddings [n, d] with one label each; ids count from 1. Closing it closes the embeddings. */
    public static Dataset ofEmbeddings(EmbeddingMatrix embeddings, List<String> labels) {
        var contents = new Contents(RowIds.counting(embeddings.rows()), null, embeddings);
        return create(contents, Labels.of(labels), DatasetColumns.NONE, List.of());
    }

    /** Makes one of embeddings [n, d] whose labels [n] index the given class names; ids count from 1. */
    public static Dataset ofEmbeddings(EmbeddingMatrix embeddings, int[] labels, List<String> classes) {
        var contents = new Contents(RowIds.counting(embeddings.rows()), null, embeddings);
        return create(contents, Labels.of(labels, classes), DatasetColumns.NONE, List.of());
    }

    /**
     * Makes one of embeddings [n, d] with ids of its own. Closing it closes the embeddings.
     *
     * @param ids one per row, all different
     * @param labels one per row, or empty where items have none
     * @param warnings what a person should know about the reading
     */
    public static Dataset ofEmbeddings(
            EmbeddingMatrix embeddings, List<String> ids, Optional<List<String>> labels, List<String> warnings) {
        var contents = new Contents(RowIds.named(ids), null, embeddings);
        return create(contents, labels.map(Labels::of).orElse(Labels.NONE), DatasetColumns.NONE, warnings);
    }

    /** Number of items, n. */
    public int size() {
        return ids.size();
    }

    /** The id of item i: its id column, its path below the folder, or its row counted from 1. Unique. */
    public String id(int i) {
        return ids.get(i);
    }

    /** The index of the item with an id, or -1. */
    public int indexOf(String id) {
        return ids.indexOf(id);
    }

    /** Whether items are texts; otherwise they are embeddings. */
    public boolean hasTexts() {
        return texts != null;
    }

    /** The text of item i. */
    public String text(int i) {
        return texts().get(i);
    }

    /** All texts in order. */
    public List<String> texts() {
        if (texts == null) {
            throw new IllegalStateException("items must be texts; got embeddings");
        }
        return texts;
    }

    /** The embeddings [n, d] where items are embeddings; closed with the data set. */
    public Optional<EmbeddingMatrix> embeddings() {
        return Optional.ofNullable(embeddings);
    }

    /** Whether items have labels. */
    public boolean labelled() {
        return labels != null;
    }

    /** The class of item i as an index into {@link #classes}, or -1 where it has none. */
    public int label(int i) {
        return labels == null ? -1 : labels[i];
    }

    /** Class names in ascending order; empty without labels. */
    public List<String> classes() {
        return classes;
    }

    /** Which columns were read. */
    public DatasetColumns columns() {
        return columns;
    }

    /** What a person should know about the reading, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * A 64-bit hash of what item i holds; items of equal hash count as duplicates.
     *
     * <p>It is the beginning of the SHA-256 of the embedding's bytes, or of the text without differences of case and white space. Among
     * a million different items the chance that any two share a hash is 3e-8.
     */
    public synchronized long contentHash(int i) {
        if (hashes == null) {
            hashes = ContentHashes.of(texts, embeddings);
        }
        return hashes[i];
    }

    /** SHA-256 in hexadecimal over ids, contents as read, labels and class names. */
    public synchronized String digest() {
        if (digest == null) {
            digest = ContentHashes.digest(this);
        }
        return digest;
    }

    /**
     * Returns the same items with labels as indices into a trained model's classes.
     *
     * @throws InputException where an item's label is not among them
     */
    public Dataset relabel(List<String> classes) {
        if (labels == null) {
            throw new IllegalStateException("items must have labels; got none");
        }
        // trainings of earlier versions stored names as they stood in their files
        List<String> trained = classes.stream().map(LabelNames::clean).toList();
        var missing = new ArrayList<>(this.classes);
        missing.removeAll(trained);
        if (!missing.isEmpty()) {
            throw new InputException("every label must be among the classes of the training " + Names.list(classes)
                    + "; got " + Names.list(missing));
        }
        int[] position = this.classes.stream().mapToInt(trained::indexOf).toArray();
        int[] mapped = new int[labels.length];
        Arrays.setAll(mapped, i -> labels[i] < 0 ? -1 : position[labels[i]]);
        var contents = new Contents(ids, texts, embeddings);
        return create(contents, new Labels(mapped, List.copyOf(classes)), columns, warnings, testFrom);
    }

    /** The first of the rows, up to the last, that {@link TestPart} added to be reported on; {@link #size} where there are none. */
    int testFrom() {
        return testFrom;
    }

    /** Number of items of each class, in the order of {@link #classes}. */
    public int[] classCounts() {
        int[] counts = new int[classes.size()];
        for (int i = 0; i < size(); i++) {
            if (label(i) >= 0) {
                counts[label(i)]++;
            }
        }
        return counts;
    }

    /** Closes the embeddings and the file under them. */
    @Override
    public void close() {
        if (embeddings != null) {
            embeddings.close();
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%d %s in %d classes", size(), hasTexts() ? "texts" : "embeddings", classes.size());
    }
}
