package dev.lapidary.image;

import java.util.Optional;

/**
 * A picture of a data set, not decoded.
 *
 * @param name the path below the folder or in the archive, with slashes
 * @param label its class; empty where the data set has none
 * @param caption a sentence about it; empty where the data set has none
 */
public record ImageItem(String name, Optional<String> label, Optional<String> caption) {}
