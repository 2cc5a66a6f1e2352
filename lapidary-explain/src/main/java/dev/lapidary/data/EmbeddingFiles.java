package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads embeddings from safetensors, npy and npz files: the tensor {@code embeddings}, or the only floating one of shape [n, d].
 *
 * <p>Float32 stays where the file is mapped; other types are converted once. Labels are the array {@code labels} [n]: strings, or
 * integers that index the names in {@code classes} (a JSON array in the metadata of safetensors, an array of strings in npz) or are
 * names themselves; or a file of their own. Items without a label are left out and counted in the warnings.
 */
final class EmbeddingFiles {
    private static final int CONVERTED_ROWS = 4096; // at a time

    private EmbeddingFiles() {}

    static Dataset read(DataSource source, LabelUse use) throws IOException {
        if (!source.textColumns().isEmpty()) {
            throw new InputException(
                    source.path() + ": --text must be left out for embeddings; got " + source.textColumns());
        }
        source.requireNoDelimiter("embeddings");
        TensorFile file = TensorFile.open(source.path());
        EmbeddingMatrix matrix = null;
        try {
            matrix = matrix(file);
            List<String> warnings = new ArrayList<>();
            List<String> labels = use == LabelUse.IGNORE ? null : labels(source, file, matrix.rows());
            matrix.requireFinite(source.path().toString());
            RowIds ids = ids(file, matrix.rows(), warnings);
            return labels == null
                    ? Dataset.create(
                            new Dataset.Contents(ids, null, matrix), Dataset.Labels.NONE, DatasetColumns.NONE, warnings)
                    : labelled(source.path(), new Dataset.Contents(ids, null, matrix), labels, warnings);
        } catch (RuntimeException | IOException e) {
            if (matrix != null) {
                matrix.close();
            }
            file.close();
            throw e;
        }
    }

    /** Leaves items without a label out, and says so. */
    private static Dataset labelled(Path path, Dataset.Contents all, List<String> labels, List<String> warnings) {
        EmbeddingMatrix matrix = Objects.requireNonNull(all.embeddings());
        int[] kept = IntStream.range(0, labels.size())
                .filter(i -> !labels.get(i).isEmpty())
                .toArray();
        int missing = labels.size() - kept.length;
        if (kept.length == 0) {
            throw new InputException(path + ": must hold at least one item; got " + missing + " with an empty label");
        }
        Dataset.Labels found =
                Dataset.Labels.of(Arrays.stream(kept).mapToObj(labels::get).toList());
        LabelNames.warnings(found.classes()).forEach(warning -> warnings.add(path + ": " + warning));
        if (missing == 0) {
            return Dataset.create(all, found, DatasetColumns.NONE, warnings);
        }
        warnings.add(path + ": " + missing + (missing == 1 ? " item" : " items")
                + " with an empty label left out, first row " + (labels.indexOf("") + 1));
        EmbeddingMatrix some = matrix.select(kept);
        RowIds ids = all.ids().select(kept);
        matrix.close();
        return Dataset.create(new Dataset.Contents(ids, null, some), found, DatasetColumns.NONE, warnings);
    }

    private static EmbeddingMatrix matrix(TensorFile file) {
        TensorView view = embeddings(file);
        long rows = view.shape().getFirst();
        long width = view.shape().getLast();
        if (rows < 1 || width < 1 || rows > Integer.MAX_VALUE || width > 1 << 20) {
            throw new InputException(file.file()
                    + ": embeddings must have at least one row and 1 to 1048576 columns; got " + view.shape());
        }
        if (view.dtype() == DType.F32) {
            return EmbeddingMatrix.of(view.data(), (int) rows, (int) width, file);
        }
        return converted(view, (int) rows, (int) width, file);
    }

    private static TensorView embeddings(TensorFile file) {
        List<TensorView> matrices = file.tensors().values().stream()
                .filter(view -> view.shape().size() == 2 && view.dtype().floating())
                .toList();
        for (TensorView view : matrices) {
            if (view.name().equals("embeddings")) {
                return view;
            }
        }
        if (matrices.size() == 1) {
            return matrices.getFirst();
        }
        throw new InputException(file.file()
                + ": must have a floating tensor embeddings of shape [items, width], or only one such tensor; got "
                + Names.list(file.tensors().values().stream()
                        .map(TensorView::toString)
                        .toList()));
    }

    private static EmbeddingMatrix converted(TensorView view, int rows, int width, TensorFile file) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(rows, width);
        long rowBytes = (long) width * view.dtype().bytes();
        for (int start = 0; start < rows; start += CONVERTED_ROWS) {
            int count = Math.min(CONVERTED_ROWS, rows - start);
            MemorySegment slice = view.data().asSlice(start * rowBytes, count * rowBytes);
            float[] values =
                    new TensorView(view.name(), view.dtype(), List.of((long) count, (long) width), slice).toFloats();
            MemorySegment.copy(
                    MemorySegment.ofArray(values),
                    0,
                    matrix.segment(),
                    (long) start * width * Float.BYTES,
                    (long) values.length * Float.BYTES);
        }
        return EmbeddingMatrix.of(matrix.segment(), rows, width, () -> {
            matrix.close();
            file.close();
        });
    }

    private static RowIds ids(TensorFile file, int rows, List<String> warnings) {
        List<String> ids = file.strings().get("ids");
        if (ids == null) {
            return RowIds.counting(rows);
        }
        if (ids.size() != rows) {
            warnings.add(file.file() + ": ids must be one per item; got " + ids.size() + " for " + rows
                    + "; rows are numbered from 1 instead");
            return RowIds.counting(rows);
        }
        List<String> trimmed = ids.stream().map(LabelNames::trim).toList();
        return RowIds.given(trimmed, i -> i + 1, warning -> warnings.add(file.file() + ": " + warning))
                .orElseGet(() -> RowIds.counting(rows));
    }

    /** One name per row, "" where the label is missing. */
    private static List<String> labels(DataSource source, TensorFile file, int rows) throws IOException {
        if (source.labels().isPresent()) {
            List<String> labels = LabelFiles.fit(LabelFiles.read(source.labels().get(), source.labelColumn()), rows);
            if (labels.size() != rows) {
                throw LabelFiles.mismatch(source, labels.size(), rows);
            }
            return labels;
        }
        String name = source.labelColumn().orElse("labels");
        List<String> strings = file.strings().get(name);
        if (strings == null && file.tensors().get(name) == null) {
            throw new InputException(source.path() + ": labels must be in a tensor '" + name
                    + "' or in a file given by --labels; got only "
                    + Names.list(file.tensors().sequencedKeySet()));
        }
        if (strings == null) {
            return numbered(file, file.tensor(name), rows);
        }
        if (strings.size() != rows) {
            throw LabelFiles.mismatch(source, strings.size(), rows);
        }
        return strings.stream().map(LabelNames::clean).toList();
    }

    private static List<String> numbered(TensorFile file, TensorView view, int rows) {
        if (view.shape().size() != 1
                || view.shape().getFirst() != rows
                || view.dtype().floating()) {
            throw new InputException(file.file() + ": labels must be integers of shape [" + rows + "]; got " + view);
        }
        long[] values = view.toLongs();
        List<String> classes = classes(file).stream().map(LabelNames::clean).toList();
        List<String> labels = new ArrayList<>(rows);
        Map<Long, String> names = new HashMap<>(); // one object per class
        for (int i = 0; i < rows; i++) {
            if (!classes.isEmpty() && (values[i] < 0 || values[i] >= classes.size())) {
                throw new InputException(file.file() + ": labels must be 0 to " + (classes.size() - 1)
                        + ", as classes has " + classes.size() + " names; got " + values[i] + " in row " + (i + 1));
            }
            labels.add(names.computeIfAbsent(
                    values[i], value -> classes.isEmpty() ? Long.toString(value) : classes.get((int) (long) value)));
        }
        return labels;
    }

    private static List<String> classes(TensorFile file) {
        List<String> strings = file.strings().get("classes");
        if (strings != null) {
            return strings;
        }
        String json = file.metadata().get("classes");
        if (json == null) {
            return List.of();
        }
        try {
            String[] names = JsonMapper.shared().readValue(json, String[].class);
            if (names != null && Arrays.stream(names).noneMatch(Objects::isNull)) {
                return List.of(names);
            }
        } catch (JacksonException e) {
            throw new InputException(file.file() + ": metadata classes must be a JSON array of names; got " + json, e);
        }
        throw new InputException(file.file() + ": metadata classes must be a JSON array of names; got " + json);
    }
}
