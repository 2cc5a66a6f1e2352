package dev.lapidary.image;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What became of the pictures of a data set.
 *
 * @param read how many were decoded
 * @param skipped the others, with reasons: those refused when the data set was listed, then those that could not be decoded
 * @param remarks what a person should know about the classes: names that look alike, folders that repeat
 */
public record ImageReport(int read, List<SkippedImage> skipped, List<String> remarks) {
    /** Copies the lists. */
    public ImageReport {
        skipped = List.copyOf(skipped);
        remarks = List.copyOf(remarks);
    }

    /** Creates one without remarks. */
    public ImageReport(int read, List<SkippedImage> skipped) {
        this(read, skipped, List.of());
    }

    /** The warning and the remarks, where classes are used. */
    public List<String> warnings() {
        return Stream.concat(warning().stream(), remarks.stream()).toList();
    }

    /** A line about what was skipped, nothing where all was read. */
    public Optional<String> warning() {
        return skipped.isEmpty()
                ? Optional.empty()
                : Optional.of(skipped.size() + (skipped.size() == 1 ? " image" : " images") + " skipped, first "
                        + skipped.getFirst().reason());
    }
}
