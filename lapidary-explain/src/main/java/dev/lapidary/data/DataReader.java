package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads items and their labels: a .csv, .tsv or .jsonl file of texts, a folder with one sub-folder of text files per class, or
 * embeddings in .safetensors, .npy or .npz.
 *
 * <p>Columns are separated by commas, semicolons, tabs or vertical bars, whichever the file shows, unless the source says it. Names of
 * classes follow {@link LabelNames}. Texts are UTF-8, with or without a byte order mark, or UTF-16 with one; lines, and files of a class folder, are shorter than 1,000,000 bytes. A row
 * without a text or a label is left out and counted in the warnings of the data set. Whatever else is wrong ends in an
 * {@link InputException} of one line that names the file and the place.
 */
public final class DataReader {
    /** Bytes that a line of a text file, or a text file of a class folder, must stay below. */
    public static final int TEXT_LIMIT = 1_000_000;

    private static final int SNIFFED = 4096; // bytes

    private DataReader() {}

    /**
     * Reads items to learn from: every one labelled, at least two classes. The caller closes the data set.
     *
     * @throws InputException where the input is not as it must be
     */
    public static Dataset read(DataSource source) {
        return read(source, LabelUse.TRAIN);
    }

    /** Reads items to evaluate on: every one labelled; all may be of one class. */
    public static Dataset readForEvaluation(DataSource source) {
        return read(source, LabelUse.EVALUATE);
    }

    /** Reads items to predict: labels are neither needed nor read. */
    public static Dataset readUnlabelled(DataSource source) {
        return read(source, LabelUse.IGNORE);
    }

    private static Dataset read(DataSource source, LabelUse use) {
        Path path = source.path();
        try {
            Dataset data = open(source, use);
            if (use == LabelUse.TRAIN && data.classes().size() < 2) {
                data.close();
                throw new InputException(
                        path + ": items must be of at least two classes; got only " + Names.list(data.classes()));
            }
            return data;
        } catch (AccessDeniedException e) {
            throw new InputException(path + ": must be readable; got no permission for " + e.getFile(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static Dataset open(DataSource source, LabelUse use) throws IOException {
        Path path = source.path();
        if (Files.isDirectory(path)) {
            return ClassFolders.read(source, use);
        }
        requireFile(path);
        return switch (kind(path)) {
            case CSV, TSV, JSON -> Tables.read(table(path, source.delimiter()), source, use);
            case TENSORS -> EmbeddingFiles.read(source, use);
        };
    }

    static void requireFile(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new InputException(path + ": must be a file or folder with data; got nothing at this path");
        }
        if (!Files.isRegularFile(path)) {
            throw new InputException(path + ": must be a regular file or a folder; got a device or pipe");
        }
        if (Files.size(path) == 0) {
            throw new InputException(path + ": must hold items; got an empty file");
        }
    }

    /**
     * Opens a .csv, .tsv or .jsonl file of rows, after checking its encoding and its lines.
     *
     * @throws InputException where it is none of them or not as it must be
     */
    public static Table table(Path path) throws IOException {
        return table(path, Optional.empty());
    }

    static Table table(Path path, Optional<Character> delimiter) throws IOException {
        TextFile file = TextFile.check(path);
        return switch (kind(path)) {
            case CSV -> CsvTable.open(file, ',', delimiter);
            case TSV -> CsvTable.open(file, '\t', delimiter);
            case JSON -> {
                DataSource.of(path).withDelimiter(delimiter).requireNoDelimiter("JSON lines");
                yield JsonTable.open(file);
            }
            case TENSORS -> throw new InputException(path + ": must be a file of rows; got tensors");
        };
    }

    static Kind kind(Path path) throws IOException {
        String name = path.toString().toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        return switch (ending) {
            case "csv" -> Kind.CSV;
            case "tsv", "tab" -> Kind.TSV;
            case "jsonl", "json", "ndjson" -> Kind.JSON;
            case "safetensors", "npy", "npz" -> Kind.TENSORS;
            default -> sniff(path);
        };
    }

    private static Kind sniff(Path path) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(SNIFFED);
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u00ff\u00fe")
                || text.startsWith("\u00fe\u00ff")
                || text.startsWith("\u00ef\u00bb\u00bf")) {
            TextFile marked = TextFile.of(path);
            text = new String(head, marked.mark(), head.length - marked.mark(), marked.charset());
        }
        if (text.startsWith("\u0093NUMPY") || text.startsWith("PK\u0003\u0004")) {
            return Kind.TENSORS;
        }
        if (text.startsWith("{\"") || text.startsWith("{ \"")) {
            return Kind.JSON;
        }
        String first = text.lines().findFirst().orElse("");
        if (first.indexOf('\t') >= 0) {
            return Kind.TSV;
        }
        if (first.indexOf(',') >= 0 || first.indexOf(';') >= 0 || first.indexOf('|') >= 0) {
            return Kind.CSV;
        }
        throw new InputException(path + ": must be .csv, .tsv, .jsonl, .safetensors, .npy, .npz or a folder of classes;"
                + " got a file of another kind");
    }

    /** The kinds of file. */
    enum Kind {
        CSV,
        TSV,
        JSON,
        TENSORS
    }
}
