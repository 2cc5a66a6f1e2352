package dev.lapidary.image;

import java.util.function.Supplier;

/** What is done with every picture of a data set, by several threads at once. */
@FunctionalInterface
public interface ImageWork<T> {
    /**
     * Works on one picture.
     *
     * @param file the whole file, such as to look up what is known of it already
     * @param picture decodes the file, once; pictures that nobody asks for are not decoded
     * @throws dev.lapidary.runtime.InputException where the picture is to be skipped
     */
    T apply(byte[] file, Supplier<RgbImage> picture);
}
