package dev.lapidary.image;

import java.util.List;
import java.util.Optional;

/**
 * What became of the pictures of a data set.
 *
 * @param read how many were decoded
 * @param skipped the others, with reasons: those refused when the data set was listed, then those that could not be decoded
 */
public record ImageReport(int read, List<SkippedImage> skipped) {
    /** Copies the list. */
    public ImageReport {
        skipped = List.copyOf(skipped);
    }

    /** A line about what was skipped, nothing where all was read. */
    public Optional<String> warning() {
        return skipped.isEmpty()
                ? Optional.empty()
                : Optional.of(skipped.size() + (skipped.size() == 1 ? " image" : " images") + " skipped, first "
                        + skipped.getFirst().reason());
    }
}
