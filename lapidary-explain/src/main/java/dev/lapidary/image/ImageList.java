package dev.lapidary.image;

import dev.lapidary.data.FolderLevels;
import dev.lapidary.data.LabelNames;
import dev.lapidary.runtime.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The pictures of a data set while they are found: items and their stores in the same order, and what was refused. */
final class ImageList {
    /** Whether labels are read. */
    enum Labels {
        /** At least two classes. */
        REQUIRED,
        /** All may be of one class, or of none, and need not lie in folders. */
        OPTIONAL
    }

    private final String where;
    private final List<ImageItem> items = new ArrayList<>();
    private final List<ImageStore> stores = new ArrayList<>();
    private final List<SkippedImage> skipped = new ArrayList<>();
    private final FolderLevels levels = new FolderLevels();
    private Closeable archive = () -> {};

    /**
     * Begins a list.
     *
     * @param where what messages begin with
     */
    ImageList(String where) {
        this.where = where;
    }

    void add(ImageItem item, ImageStore store) {
        items.add(item);
        stores.add(store);
    }

    /** Adds one whose class is the folder that it lies in. */
    void addInFolder(ImageItem item, ImageStore store) {
        add(item, store);
        levels.add(item.name());
    }

    /** What a person should know about the classes, one line each. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        levels.warning().ifPresent(line -> remarks.add(where + ": " + line));
        LabelNames.warnings(new TreeSet<>(classes(items))).forEach(line -> remarks.add(where + ": " + line));
        return remarks;
    }

    void skip(String name, String reason) {
        skipped.add(new SkippedImage(name, reason));
    }

    void closeLater(Closeable open) {
        archive = open;
    }

    /** Checks that there are pictures, and of two classes where these are needed. */
    ImageList checked(Labels labels) {
        if (items.isEmpty()) {
            throw new InputException(where + ": must hold images; got none"
                    + (skipped.isEmpty()
                            ? ""
                            : ", and " + skipped.size() + " files left out, the first because "
                                    + skipped.getFirst().reason()));
        }
        Set<String> classes = classes(items);
        requireClasses(labels, classes);
        return this;
    }

    /** Checks what classes remain; no labels at all are fine, as in a table of captions. */
    void requireClasses(Labels labels, Set<String> classes) {
        if (labels == Labels.REQUIRED && classes.size() == 1) {
            throw new InputException(where + ": images must be of at least two classes; got only '"
                    + classes.iterator().next() + "'");
        }
    }

    private static Set<String> classes(List<ImageItem> items) {
        return items.stream().map(ImageItem::label).flatMap(Optional::stream).collect(Collectors.toSet());
    }

    String where() {
        return where;
    }

    List<ImageItem> items() {
        return List.copyOf(items);
    }

    List<SkippedImage> skipped() {
        return List.copyOf(skipped);
    }

    /** The bytes of an item. */
    byte[] read(int item) throws IOException {
        return stores.get(item).read();
    }

    void close() throws IOException {
        archive.close();
    }
}
