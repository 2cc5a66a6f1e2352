package dev.lapidary.image;

/**
 * What could not be read.
 *
 * @param name as in {@link ImageItem}
 * @param reason one line
 */
public record SkippedImage(String name, String reason) {}
