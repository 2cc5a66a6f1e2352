package dev.lapidary.image;

/** Makes squares of one size of pictures of any: the shortest side is resized to it with Pillow's bicubic, the centre cut out. */
public final class SquareCrop {
    private SquareCrop() {}

    /** Returns the square [side, side, 3]; the same bytes as CLIP's preprocessing has before it scales them. */
    public static RgbImage of(RgbImage image, int side) {
        RgbImage resized = ImageResizer.resize(image, new TargetSize.ShortestEdge(side), ResizeFilter.BICUBIC);
        int top = (resized.height() - side) / 2;
        int left = (resized.width() - side) / 2;
        byte[] pixels = new byte[side * side * RgbImage.BANDS];
        int row = side * RgbImage.BANDS;
        for (int y = 0; y < side; y++) {
            int from = ((top + y) * resized.width() + left) * RgbImage.BANDS;
            System.arraycopy(resized.pixels(), from, pixels, y * row, row);
        }
        return new RgbImage(side, side, pixels);
    }
}
