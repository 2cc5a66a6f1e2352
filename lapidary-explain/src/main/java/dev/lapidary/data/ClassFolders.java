package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads a folder that has one sub-folder per class, with a text file per item at any depth below it.
 *
 * <p>The class is the sub-folder's name, the id the path below the folder with slashes. Hidden files are left out, and so are links
 * that lead out of the folder.
 */
final class ClassFolders {
    private ClassFolders() {}

    static Dataset read(DataSource source, LabelUse use) throws IOException {
        Path folder = source.path();
        if (!source.textColumns().isEmpty()) {
            throw new InputException(
                    folder + ": --text must be left out for a folder of classes; got " + source.textColumns());
        }
        source.requireNoDelimiter("a folder of classes");
        if (source.labels().isPresent()) {
            throw new InputException(
                    folder + ": --labels must be left out for a folder of classes, which names them; got "
                            + source.labels().get());
        }
        List<Path> children = children(folder);
        List<Path> classes = children.stream().filter(Files::isDirectory).toList();
        if (classes.isEmpty()) {
            throw new InputException(folder + ": must have one sub-folder of text files per class; got none");
        }
        ItemCollector items = new ItemCollector(folder);
        if (classes.size() < children.size()) {
            items.warn((children.size() - classes.size()) + " files outside the class folders left out");
        }
        FolderLevels levels = new FolderLevels();
        int outside = 0;
        for (Path kind : classes) {
            int before = items.seen();
            outside += readClass(folder, kind, items, use == LabelUse.IGNORE ? null : levels);
            if (items.seen() == before) {
                items.warn("class folder " + kind.getFileName() + " has no text files and is left out");
            }
        }
        if (outside > 0) {
            items.warn(outside + " symbolic links that lead out of their class folder left out");
        }
        levels.warning().ifPresent(items::warn);
        return items.finish(DatasetColumns.NONE, use);
    }

    private static int readClass(Path folder, Path kind, ItemCollector items, @Nullable FolderLevels levels)
            throws IOException {
        String label = String.valueOf(kind.getFileName());
        Path real = kind.toRealPath();
        if (!real.startsWith(folder.toRealPath())) {
            return 1;
        }
        int outside = 0;
        for (Path file : files(kind)) {
            if (Files.isSymbolicLink(file)
                    && !(Files.exists(file) && file.toRealPath().startsWith(real))) {
                outside++;
            } else if (Files.isRegularFile(file)) {
                String id = name(folder.relativize(file));
                items.add(id, text(file), levels == null ? null : label, id);
                if (levels != null) {
                    levels.add(id);
                }
            }
        }
        return outside;
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) >= DataReader.TEXT_LIMIT) {
            throw new InputException(file + ": a text must be shorter than 1,000,000 bytes; got " + Files.size(file));
        }
        return TextFile.check(file).text();
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !hidden(path)).sorted().toList();
        }
    }

    private static List<Path> files(Path kind) throws IOException {
        try (Stream<Path> paths = Files.walk(kind)) {
            return paths.filter(
                            path -> StreamSupport.stream(kind.relativize(path).spliterator(), false)
                                    .noneMatch(ClassFolders::hidden))
                    .sorted()
                    .toList();
        }
    }

    private static boolean hidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    private static String name(Path relative) {
        return StreamSupport.stream(relative.spliterator(), false)
                .map(Path::toString)
                .collect(Collectors.joining("/"));
    }
}
