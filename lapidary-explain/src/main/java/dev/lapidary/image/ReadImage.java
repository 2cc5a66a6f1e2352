package dev.lapidary.image;

/**
 * A picture that was decoded and worked on.
 *
 * @param item which one
 * @param value what was made of it
 */
public record ReadImage<T>(ImageItem item, T value) {}
