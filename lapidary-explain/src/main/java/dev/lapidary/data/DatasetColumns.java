package dev.lapidary.data;

import java.util.List;
import java.util.Optional;

/**
 * Which columns of a file a data set came from; kept with a trained model so that later data is read the same way.
 *
 * @param text columns joined by ". " into the text; empty for a folder of files and for embeddings
 * @param label column or tensor of the labels; empty where the folder or a separate file names them
 */
public record DatasetColumns(List<String> text, Optional<String> label) {
    /** Neither texts nor labels come from columns. */
    public static final DatasetColumns NONE = new DatasetColumns(List.of(), Optional.empty());

    /** Copies the list. */
    public DatasetColumns {
        text = List.copyOf(text);
    }
}
