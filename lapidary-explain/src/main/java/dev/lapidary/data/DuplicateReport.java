package dev.lapidary.data;

import java.util.List;

/**
 * Items of equal content that were found; every group lies in one part of a split.
 *
 * @param groups number of contents that several items share
 * @param items items in those groups
 * @param conflicting groups whose items do not all have the same label
 * @param exampleIds ids of some groups, each joined by " = ", conflicting ones first
 */
public record DuplicateReport(int groups, int items, int conflicting, List<String> exampleIds) {
    /** Copies the list. */
    public DuplicateReport {
        exampleIds = List.copyOf(exampleIds);
    }
}
