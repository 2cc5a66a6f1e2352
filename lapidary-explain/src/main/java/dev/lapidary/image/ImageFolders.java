package dev.lapidary.image;

import dev.lapidary.data.LabelNames;
import dev.lapidary.image.ImageList.Labels;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Lists a folder with one sub-folder per class, pictures at any depth below it; hidden files are left out without a word. */
final class ImageFolders {
    private ImageFolders() {}

    static ImageList list(Path folder, Labels labels) throws IOException {
        ImageList images = new ImageList(folder.toString());
        Path real = folder.toRealPath();
        for (Path file : files(real)) {
            String name = name(real.relativize(file));
            if (Files.isSymbolicLink(file)
                    && !(Files.exists(file) && file.toRealPath().startsWith(real))) {
                images.skip(name, name + ": must lie in " + folder + "; got a link that leads out of it or nowhere");
            } else if (Files.isDirectory(file)) {
                images.skip(name, name + ": must be a file or a folder itself; got a link to a folder");
            } else if (label(name).isEmpty() && labels == Labels.REQUIRED) {
                images.skip(name, name + ": must lie in the folder of its class; got a file outside of them");
            } else {
                images.addInFolder(
                        new ImageItem(name, label(name), Optional.empty()), ImageStore.file(real, file, name));
            }
        }
        return images;
    }

    /** All but folders and hidden files, sorted by their names; links to folders are listed, not followed. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> Files.isSymbolicLink(path) || !Files.isDirectory(path))
                    .filter(path -> !hidden(name(folder.relativize(path))))
                    .sorted(Comparator.comparing(path -> name(folder.relativize(path))))
                    .toList();
        } catch (UncheckedIOException e) {
            throw new InputException(folder + ": must be readable; got " + e.getMessage(), e);
        }
    }

    /** The folder in which a file lies, where it does in one. */
    static Optional<String> label(String name) {
        return Optional.of(name.indexOf('/'))
                .filter(slash -> slash > 0)
                .map(slash -> LabelNames.clean(name.substring(0, slash)))
                .filter(label -> !label.isEmpty());
    }

    /** Whether a part of a name begins with a dot. */
    static boolean hidden(String name) {
        return name.startsWith(".") || name.contains("/.");
    }

    private static String name(Path relative) {
        return StreamSupport.stream(relative.spliterator(), false)
                .map(Path::toString)
                .collect(Collectors.joining("/"));
    }
}
