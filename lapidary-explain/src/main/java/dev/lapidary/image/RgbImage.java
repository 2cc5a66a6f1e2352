package dev.lapidary.image;

/** A picture of bytes [height, width, 3], red before green before blue; its memory is shared, not copied. */
public final class RgbImage {
    /** Bytes of a pixel. */
    static final int BANDS = 3;

    private final int height;
    private final int width;
    private final byte[] pixels;

    /**
     * Wraps pixels.
     *
     * @param pixels [height, width, 3], each byte from 0 to 255 as unsigned
     */
    public RgbImage(int height, int width, byte[] pixels) {
        if (height < 1 || width < 1 || (long) height * width * BANDS != pixels.length) {
            throw new IllegalArgumentException(
                    "an image must have height * width * 3 bytes, both at least 1; got height=" + height + ", width="
                            + width + ", bytes=" + pixels.length);
        }
        this.height = height;
        this.width = width;
        this.pixels = pixels;
    }

    /** Rows of pixels. */
    public int height() {
        return height;
    }

    /** Pixels of a row. */
    public int width() {
        return width;
    }

    /** The bytes themselves [height, width, 3]. */
    public byte[] pixels() {
        return pixels;
    }
}
