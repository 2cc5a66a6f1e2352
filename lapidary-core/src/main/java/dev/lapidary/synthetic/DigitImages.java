package dev.lapidary.synthetic;

/**
 * Black and white images of digits.
 *
 * @param side pixels of a side
 * @param pixels 0 for paper and 1 for ink, row after row from the top [items, side·side]
 * @param labels the digit of each, from 0 to 9 [items]
 */
@SuppressWarnings("ArrayRecordComponent") // data to be read
public record DigitImages(int side, byte[][] pixels, int[] labels) {
    /** Returns how many there are. */
    public int size() {
        return labels.length;
    }

    /**
     * Copies rows of neighbouring images, as a net reads them.
     *
     * @param from first item
     * @param to one after the last
     * @param firstRow first row of pixels of each
     * @param lastRow one after the last
     * @return [(to − from)·(lastRow − firstRow)·side], each 0 or 1
     */
    public float[] rows(int from, int to, int firstRow, int lastRow) {
        int width = (lastRow - firstRow) * side;
        float[] copy = new float[(to - from) * width];
        for (int item = from; item < to; item++) {
            for (int i = 0; i < width; i++) {
                copy[(item - from) * width + i] = pixels[item][firstRow * side + i];
            }
        }
        return copy;
    }
}
