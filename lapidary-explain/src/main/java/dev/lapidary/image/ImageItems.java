package dev.lapidary.image;

import dev.lapidary.image.ImageList.Labels;
import dev.lapidary.runtime.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The pictures of a data set in a fixed order: a folder or a zip archive with one folder per class, sorted by name, or a .csv, .tsv
 * or .jsonl file with columns of paths, labels and captions, in its own order.
 *
 * <p>In a table the columns have a usual name: path, image or file_name; label or class; caption or text. Paths are relative to the
 * table's folder. What leads out of the folder, by {@code ..} or a symbolic link, is skipped and reported, an archive with such an
 * entry is refused; files and entries of more than 64 MiB are skipped before they are read.
 */
public final class ImageItems implements Closeable {
    private final ImageList images;
    private final Labels labels;

    private ImageItems(ImageList images, Labels labels) {
        this.images = images;
        this.labels = labels;
    }

    /**
     * Lists pictures to learn from: of at least two classes, except in a table without labels. The caller closes them.
     *
     * @throws InputException where there is nothing such at the path, no picture, or only one class
     */
    public static ImageItems open(Path path) {
        return open(path, Labels.REQUIRED);
    }

    /** Lists pictures to look at, of one class or none: they need not lie in folders. The caller closes them. */
    public static ImageItems openUnlabelled(Path path) {
        return open(path, Labels.OPTIONAL);
    }

    /**
     * One picture as a data set of its own, by the name of its file, without a label. The caller closes it.
     *
     * @throws InputException where there is no file at the path; that it is no picture shows when it is read
     */
    public static ImageItems ofFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": must be an image; got "
                    + (Files.exists(file) ? "a folder or special file" : "nothing at this path"));
        }
        try {
            Path real = file.toRealPath();
            Path folder = Objects.requireNonNull(real.getParent());
            ImageList images = new ImageList(file.toString());
            String name = String.valueOf(file.getFileName());
            images.add(
                    new ImageItem(name, Optional.empty(), Optional.empty()),
                    ImageStore.file(folder, real, file.toString()));
            return new ImageItems(images, Labels.OPTIONAL);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static ImageItems open(Path path, Labels labels) {
        try {
            ImageList images = list(path, labels);
            try {
                return new ImageItems(images.checked(labels), labels);
            } catch (InputException e) {
                images.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new InputException(path + ": must be readable; got no permission for " + e.getFile(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static ImageList list(Path path, Labels labels) throws IOException {
        if (Files.isDirectory(path)) {
            return ImageFolders.list(path, labels);
        }
        if (!Files.isRegularFile(path) || Files.size(path) == 0) {
            throw new InputException(path + ": must be a folder, a .zip, .csv, .tsv or .jsonl file with images; got "
                    + (Files.exists(path) ? "an empty or special file" : "nothing at this path"));
        }
        try (InputStream in = Files.newInputStream(path)) {
            if (EncodedImage.begins(in.readNBytes(EncodedImage.MAGIC))) {
                throw new InputException(
                        path + ": must be a folder, a .zip, .csv, .tsv or .jsonl file with images; got one image");
            }
        }
        String name = path.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".zip") ? ImageArchives.list(path, labels) : ImageTable.list(path);
    }

    /** All pictures, also those that will turn out to be unreadable. */
    public List<ImageItem> items() {
        return images.items();
    }

    /** The distinct labels, sorted. */
    public List<String> classes() {
        return images.items().stream()
                .map(ImageItem::label)
                .flatMap(Optional::stream)
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * Decodes every picture and works on it on all cores, and hands the results over in order, in this thread.
     *
     * <p>At most two batches of results are in memory, and decoded pictures take at most a quarter of the memory. A picture that
     * cannot be read, or for which the work throws an {@link InputException}, is skipped.
     *
     * @param batch results per call of the sink, at least 1; the last call may have fewer
     * @param work such as {@link ImageProcessor#process}; called by several threads at once
     * @param sink takes results
     * @return how many were read, and what was skipped
     * @throws InputException where none can be read, or of one class only though labels are needed
     */
    public <T> ImageReport read(int batch, Function<RgbImage, T> work, Consumer<List<ReadImage<T>>> sink) {
        return read(batch, Runtime.getRuntime().availableProcessors(), work, sink);
    }

    /** As above, with work that may do without the picture where the bytes of its file are known. */
    public <T> ImageReport readFiles(int batch, ImageWork<T> work, Consumer<List<ReadImage<T>>> sink) {
        return readFiles(batch, work, sink, () -> {});
    }

    /** As above; calls {@code waiting} every now and then, such as to stop: what it throws ends the reading. */
    public <T> ImageReport readFiles(
            int batch, ImageWork<T> work, Consumer<List<ReadImage<T>>> sink, Runnable waiting) {
        return run(batch, Runtime.getRuntime().availableProcessors(), work, sink, waiting);
    }

    /** The same on {@code threads} threads. */
    <T> ImageReport read(int batch, int threads, Function<RgbImage, T> work, Consumer<List<ReadImage<T>>> sink) {
        return run(batch, threads, (file, picture) -> work.apply(picture.get()), sink, () -> {});
    }

    private <T> ImageReport run(int batch, int threads, ImageWork<T> work, Consumer<List<ReadImage<T>>> sink, Runnable waiting) {
        if (batch < 1) {
            throw new InputException("batch must be at least 1; got " + batch);
        }
        return new ImagePipeline<>(images, labels, work, sink, waiting).run(batch, threads);
    }

    @Override
    public void close() {
        try {
            images.close();
        } catch (IOException e) {
            throw new UncheckedIOException(images.where() + " cannot be closed", e);
        }
    }
}
