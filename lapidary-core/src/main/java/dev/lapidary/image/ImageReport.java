package dev.lapidary.image;

import java.util.List;

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
}
