package dev.lapidary.contrast;

import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says which captions an image has: sentences or words that are true of it. */
@FunctionalInterface
public interface CaptionSource {
    /** Returns the captions of an image, at least one, the same list for images that have the same. */
    List<String> of(ImageItem image);

    /**
     * The captions that stand beside the images in a table.
     *
     * @throws InputException from {@link #of} where an image has none
     */
    static CaptionSource table() {
        return image -> List.of(image.caption()
                .orElseThrow(() -> new InputException(image.name()
                        + ": must have a caption, in the column caption of a table or by --captions; got none")));
    }

    /**
     * Reads captions of classes: a text file with a line {@code class: caption} for each.
     *
     * @param classes of the images; each must have a caption
     * @throws InputException where a line is of another form or names no class, or a class has no caption
     */
    static CaptionSource ofClasses(Path file, List<String> classes) {
        Map<String, List<String>> captions = ClassCaptions.read(file, classes);
        return image -> captions.getOrDefault(image.label().orElse(""), List.of());
    }

    /**
     * The names of the concepts that an image truly shows, beside other captions.
     *
     * @param others may have none for an image
     */
    static CaptionSource ofConcepts(ConceptLabels labels, CaptionSource others) {
        return image -> {
            List<String> captions = new ArrayList<>(others.of(image));
            byte[] row = labels.rows(List.of(image.name()))[0];
            for (int k = 0; k < row.length; k++) {
                if (row[k] == 1) {
                    captions.add(labels.names().get(k));
                }
            }
            return captions;
        };
    }
}
