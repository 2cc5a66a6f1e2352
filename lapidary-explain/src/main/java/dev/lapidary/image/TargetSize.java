package dev.lapidary.image;

import dev.lapidary.runtime.InputException;

/** The size to which a picture is resized before it is cropped. */
sealed interface TargetSize {
    /** The height for a picture of a size. */
    int height(int height, int width);

    /** The width for a picture of a size. */
    int width(int height, int width);

    /**
     * The same size whatever the picture.
     *
     * @param rows pixels
     * @param columns pixels
     */
    record Fixed(int rows, int columns) implements TargetSize {
        @Override
        public int height(int height, int width) {
            return rows;
        }

        @Override
        public int width(int height, int width) {
            return columns;
        }
    }

    /**
     * The shortest side is given, the other keeps the proportion and is rounded down, as transformers does.
     *
     * @param pixels of the shortest side
     */
    record ShortestEdge(int pixels) implements TargetSize {
        @Override
        public int height(int height, int width) {
            return width <= height ? longest(height, width) : pixels;
        }

        @Override
        public int width(int height, int width) {
            return width <= height ? pixels : longest(width, height);
        }

        private int longest(int from, int shortest) {
            double pixelsOfLongest = (double) ((long) pixels * from) / shortest;
            if (pixelsOfLongest > EncodedImage.LARGEST_PIXELS) {
                throw new InputException("a picture must not become longer than 100,000,000 pixels; got sides " + from
                        + " and " + shortest + " for a shortest side of " + pixels);
            }
            return (int) pixelsOfLongest;
        }
    }
}
