package dev.lapidary.image;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;

/**
 * Resizes pictures as Pillow's {@code Image.resize} does, to the same bytes: weights of 22 bits, first along rows and then along
 * columns, rounded and clipped to bytes after each; a pass is left out where its side stays.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c">Pillow, Resample.c</a>
 */
public final class ImageResizer {
    private static final int BANDS = RgbImage.BANDS;

    private ImageResizer() {}

    /**
     * Returns a picture of the size given, or the picture itself where it has that size.
     *
     * @param height of the result, pixels
     * @param width of the result, pixels
     * @throws InputException where the result is empty, or it or the picture between the passes has more than 100 million pixels
     */
    public static RgbImage resize(RgbImage image, int height, int width, ResizeFilter filter) {
        requireSize(image, height, width);
        if (height == image.height() && width == image.width()) {
            return image;
        }
        return filter == ResizeFilter.NEAREST
                ? nearest(image, height, width)
                : columns(rows(image, height, width, filter), height, filter, image.height());
    }

    /** Returns a picture of the size that a target gives it, under the same conditions. */
    static RgbImage resize(RgbImage image, TargetSize size, ResizeFilter filter) {
        return resize(
                image, size.height(image.height(), image.width()), size.width(image.height(), image.width()), filter);
    }

    private static void requireSize(RgbImage image, int height, int width) {
        long between = (long) Math.max(image.height(), height) * width;
        if (height < 1 || width < 1 || between > EncodedImage.LARGEST_PIXELS) {
            throw new InputException(String.format(
                    "resizing %d x %d must make from 1 to %,d pixels between and after its passes; got %d x %d",
                    image.width(), image.height(), EncodedImage.LARGEST_PIXELS, width, height));
        }
    }

    private static RgbImage nearest(RgbImage image, int height, int width) {
        int[] xs = places(image.width(), width);
        int[] ys = places(image.height(), height);
        byte[] from = image.pixels();
        byte[] to = new byte[height * width * BANDS];
        int at = 0;
        for (int y : ys) {
            for (int x : xs) {
                System.arraycopy(from, (y * image.width() + x) * BANDS, to, at, BANDS);
                at += BANDS;
            }
        }
        return new RgbImage(height, width, to);
    }

    /** The old pixel of each new one; the places are summed up, as Pillow does, so the same ones are rounded. */
    private static int[] places(int from, int size) {
        double step = (double) from / size;
        double place = step * 0.5;
        int[] places = new int[size];
        for (int i = 0; i < size; i++) {
            places[i] = Math.min((int) place, from - 1);
            place += step;
        }
        return places;
    }

    /** Makes rows as wide as wanted, of those rows only that the new height needs. */
    private static RgbImage rows(RgbImage image, int height, int width, ResizeFilter filter) {
        if (width == image.width()) {
            return image;
        }
        byte[] from = image.pixels();
        byte[] to = new byte[image.height() * width * BANDS];
        ResizeWeights along = ResizeWeights.of(image.width(), width, filter);
        boolean stays = height == image.height();
        ResizeWeights down = ResizeWeights.of(image.height(), height, filter);
        int end = stays ? image.height() : down.end();
        for (int y = stays ? 0 : down.begin(); y < end; y++) {
            row(from, y * image.width() * BANDS, to, y * width * BANDS, width, along);
        }
        return new RgbImage(image.height(), width, to);
    }

    private static void row(byte[] from, int begin, byte[] to, int out, int width, ResizeWeights along) {
        int[] weights = along.weights();
        for (int x = 0; x < width; x++) {
            int red = ResizeWeights.HALF;
            int green = ResizeWeights.HALF;
            int blue = ResizeWeights.HALF;
            int at = begin + along.first(x) * BANDS;
            int tap = along.at(x);
            int end = tap + along.count(x);
            for (; tap < end; tap++) {
                int weight = weights[tap];
                red += (from[at] & 0xff) * weight;
                green += (from[at + 1] & 0xff) * weight;
                blue += (from[at + 2] & 0xff) * weight;
                at += BANDS;
            }
            int place = out + x * BANDS;
            to[place] = clip(red);
            to[place + 1] = clip(green);
            to[place + 2] = clip(blue);
        }
    }

    private static RgbImage columns(RgbImage image, int height, ResizeFilter filter, int before) {
        if (height == before) {
            return image;
        }
        ResizeWeights down = ResizeWeights.of(before, height, filter);
        int stride = image.width() * BANDS;
        byte[] to = new byte[height * stride];
        int[] sums = new int[stride];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, ResizeWeights.HALF);
            for (int t = 0; t < down.count(y); t++) {
                addRow(image.pixels(), (down.first(y) + t) * stride, down.weights()[down.at(y) + t], sums);
            }
            for (int i = 0; i < stride; i++) {
                to[y * stride + i] = clip(sums[i]);
            }
        }
        return new RgbImage(height, image.width(), to);
    }

    private static void addRow(byte[] pixels, int begin, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (pixels[begin + i] & 0xff) * weight;
        }
    }

    private static byte clip(int sum) {
        return (byte) Math.clamp(sum >> ResizeWeights.PRECISION, 0, 255);
    }
}
