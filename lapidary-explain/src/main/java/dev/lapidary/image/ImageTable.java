package dev.lapidary.image;

import dev.lapidary.data.DataReader;
import dev.lapidary.data.LabelNames;
import dev.lapidary.data.Names;
import dev.lapidary.data.Table;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Lists the pictures that a .csv, .tsv or .jsonl file names, by paths relative to its own folder. */
final class ImageTable {
    private static final List<String> PATHS =
            List.of("path", "image", "file", "filename", "file_name", "filepath", "image_path");
    private static final List<String> LABELS = List.of("label", "class", "category", "target");
    private static final List<String> CAPTIONS = List.of("caption", "text", "sentence", "description", "title");

    private ImageTable() {}

    static ImageList list(Path file) throws IOException {
        Table table = DataReader.table(file);
        int path = pathColumn(table);
        int label = column(table, LABELS);
        int caption = column(table, CAPTIONS);
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.resolveSibling("");
        ImageList images = new ImageList(file.toString());
        table.rows((line, values) -> {
            String name = values.get(path).strip();
            Optional<Path> place = inside(folder, name);
            if (name.isEmpty()) {
                images.skip("line " + line, "line " + line + ": must name an image; got an empty path");
            } else if (place.isEmpty()) {
                images.skip(name, name + ": must lie in " + folder + "; got a path that leads out of it");
            } else {
                images.add(
                        new ImageItem(name, cell(values, label), cell(values, caption)),
                        ImageStore.file(folder, place.get(), name));
            }
        });
        return images;
    }

    /** Which column holds the paths of images. */
    static int pathColumn(Table table) {
        int path = column(table, PATHS);
        if (path < 0) {
            throw new InputException(table.path() + ": the header must name a column of image paths "
                    + Names.list(PATHS) + "; got columns " + Names.list(table.columns()));
        }
        return path;
    }

    /** Where a relative path that stays in the folder leads. */
    private static Optional<Path> inside(Path folder, String name) {
        try {
            Path place = folder.resolve(name).normalize();
            return Optional.of(place).filter(path -> !Path.of(name).isAbsolute() && path.startsWith(folder));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> cell(List<String> values, int column) {
        return column < 0
                ? Optional.empty()
                : Optional.of(LabelNames.clean(values.get(column))).filter(cell -> !cell.isEmpty());
    }

    private static int column(Table table, List<String> wanted) {
        for (String name : wanted) {
            for (int i = 0; i < table.columns().size(); i++) {
                if (table.columns().get(i).equalsIgnoreCase(name)) {
                    return i;
                }
            }
        }
        return -1;
    }
}
