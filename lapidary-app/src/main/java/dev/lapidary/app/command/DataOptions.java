package dev.lapidary.app.command;

import dev.lapidary.data.DataSource;
import dev.lapidary.data.DatasetColumns;
import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which items to read. */
final class DataOptions {
    private static final List<String> TENSORS = List.of(".safetensors", ".npy", ".npz");

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description =
                    "Items: a CSV, TSV or JSON-lines file of texts, a folder with one sub-folder of text files per class, or "
                            + "embeddings as safetensors, npy or npz.")
    private @Nullable Path data;

    @Option(
            names = "--text",
            paramLabel = "COLUMNS",
            hideParamSyntax = true,
            split = ",",
            description =
                    "Columns of the text, separated by commas and joined by \". \"; by default chosen by name, or those of the training.")
    private List<String> text = List.of();

    @Option(names = "--label", paramLabel = "COLUMN", description = "Column of the class; default as for --text.")
    private @Nullable String label;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "A separate file of classes, one a line in the order of the items.")
    private @Nullable Path labels;

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description =
                    "What separates the columns of --data: , ; | or tab. Default: what the header and the first rows show.")
    private @Nullable String delimiter;

    @Option(
            names = "--images",
            paramLabel = "PATH",
            description =
                    "Images instead: a folder or zip archive with one sub-folder per class, or a CSV, TSV or JSON-lines file "
                            + "with columns path and label. They need --encoder DIR of an image encoder.")
    private @Nullable Path images;

    boolean given() {
        return data != null || images != null;
    }

    /** Refuses options that contradict each other or name no items, before anything is read. */
    void requireSound() {
        if (images().isEmpty() && data == null) {
            throw new InputException("items must be named by --data PATH or --images PATH; got none");
        }
    }

    /** Where images lie, if items are images. */
    Optional<Path> images() {
        if (images != null && data != null) {
            throw new InputException("items must be named by either --data or --images; got both");
        }
        if (images != null && (namesLabels() || !text.isEmpty() || delimiter != null)) {
            throw new InputException("--text, --label, --labels and --delimiter must come with --data; got --images");
        }
        return Optional.ofNullable(images);
    }

    /** Where the items lie, texts or images. */
    Path path() {
        return images().orElseGet(() -> source().path());
    }

    /** Whether the user says where labels are. */
    boolean namesLabels() {
        return label != null || labels != null;
    }

    /** The files and folders that are read. */
    Path[] files() {
        return Stream.of(data, labels, images).filter(Objects::nonNull).toArray(Path[]::new);
    }

    DataSource source() {
        if (data == null) {
            throw new InputException("items must be named by --data PATH; got none");
        }
        return new DataSource(data, text, Optional.ofNullable(label), Optional.ofNullable(labels), delimiter());
    }

    private Optional<Character> delimiter() {
        if (delimiter == null) {
            return Optional.empty();
        }
        if (delimiter.equals("tab") || delimiter.equals("\\t")) {
            return Optional.of('\t');
        }
        if (delimiter.length() != 1 || "\"\r\n".contains(delimiter)) {
            throw new InputException(
                    "--delimiter must be one character other than a quotation mark, or tab; got '" + delimiter + "'");
        }
        return Optional.of(delimiter.charAt(0));
    }

    /** Items to report on, read as those to learn from. */
    DataSource test(Path path, DatasetColumns trained) {
        return DataSource.of(path).withDelimiter(delimiter()).orColumns(trained);
    }

    /** The items, read as those of a training were where nothing else is said and they come in the same form. */
    DataSource source(DatasetColumns trained) {
        DataSource asked = source();
        boolean table = !Files.isDirectory(asked.path()) && !tensors(asked.path());
        if (table == trained.text().isEmpty()) {
            return asked;
        }
        if (asked.labels().isPresent()) {
            return asked.orColumns(new DatasetColumns(trained.text(), Optional.empty()));
        }
        return asked.orColumns(trained);
    }

    static boolean tensors(Path path) {
        String name = path.toString().toLowerCase(Locale.ROOT);
        return TENSORS.stream().anyMatch(name::endsWith);
    }
}
