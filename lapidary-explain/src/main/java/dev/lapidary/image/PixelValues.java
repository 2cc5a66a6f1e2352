package dev.lapidary.image;

/** What an encoder takes: one picture of float32 [3, height, width], red before green before blue; its memory is shared. */
public final class PixelValues {
    private final int height;
    private final int width;
    private final float[] values;

    /** Wraps pixels of float32 [3, height, width]. */
    public PixelValues(int height, int width, float[] values) {
        if (values.length != RgbImage.BANDS * height * width) {
            throw new IllegalArgumentException(
                    "pixels must be 3 x " + height + " x " + width + " numbers; got " + values.length);
        }
        this.height = height;
        this.width = width;
        this.values = values;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** Columns. */
    public int width() {
        return width;
    }

    /** The numbers themselves [3, height, width]. */
    public float[] values() {
        return values;
    }
}
