package dev.lapidary.encode;

import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageReport;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an encoder made of the pictures of a data set.
 *
 * @param embeddings [n, d] of length 1, row i belongs to item i; {@link #close} frees it
 * @param items those that could be read, with their names and labels
 * @param report what was skipped
 * @param trainedOn how many of the items are among the images that the encoder was trained on, as far as that is known
 */
public record EncodedImages(EmbeddingMatrix embeddings, List<ImageItem> items, ImageReport report, int trainedOn)
        implements AutoCloseable {
    /** Copies the list and checks that it fits. */
    public EncodedImages {
        items = List.copyOf(items);
        if (items.size() != embeddings.rows()) {
            throw new IllegalArgumentException("every item must have one embedding; got " + items.size() + " items, "
                    + embeddings.rows() + " embeddings");
        }
    }

    /** A line where the encoder was trained on some of the items, for who judges it or what is made of it by them. */
    public Optional<String> overlap() {
        return trainedOn == 0
                ? Optional.empty()
                : Optional.of(
                        trainedOn + " of " + items.size()
                                + " images are among those that the encoder was trained on: figures on "
                                + "them say little about images never seen; set images aside before encoder train and judge on those");
    }

    /**
     * Copies what has a label into a data set whose ids are the files' names; its warnings count what was skipped and what has no
     * label. The caller closes it.
     *
     * @throws InputException where no item has a label
     */
    public Dataset labelled() {
        return labelled(true);
    }

    /** As above; without a word about images that the encoder was trained on where nothing is judged by them. */
    public Dataset labelled(boolean judged) {
        int[] rows = IntStream.range(0, items.size())
                .filter(i -> items.get(i).label().isPresent())
                .toArray();
        if (rows.length == 0) {
            throw new InputException(
                    "images must have labels: one folder per class, or a column label; got none of " + items.size());
        }
        List<String> warnings = new ArrayList<>(report.warnings());
        if (judged) {
            overlap().ifPresent(warnings::add);
        }
        if (rows.length < items.size()) {
            warnings.add(
                    (items.size() - rows.length) + " of " + items.size() + " images have no label and are left out");
        }
        List<String> labels = IntStream.of(rows)
                .mapToObj(i -> items.get(i).label().orElseThrow())
                .toList();
        return Dataset.ofEmbeddings(embeddings.select(rows), ids(rows, warnings), Optional.of(labels), warnings);
    }

    /** Copies all into a data set without labels; the caller closes it. */
    public Dataset unlabelled() {
        int[] rows = IntStream.range(0, items.size()).toArray();
        List<String> warnings = new ArrayList<>(report.warning().stream().toList());
        return Dataset.ofEmbeddings(embeddings.select(rows), ids(rows, warnings), Optional.empty(), warnings);
    }

    /** The names, or numbers from 1 where a table names a file twice. */
    private List<String> ids(int[] rows, List<String> warnings) {
        List<String> names =
                IntStream.of(rows).mapToObj(i -> items.get(i).name()).toList();
        if (new HashSet<>(names).size() == names.size()) {
            return names;
        }
        warnings.add("some images are named more than once; items are numbered from 1 instead");
        return IntStream.rangeClosed(1, rows.length).mapToObj(Integer::toString).toList();
    }

    /** Frees the embeddings. */
    @Override
    public void close() {
        embeddings.close();
    }
}
