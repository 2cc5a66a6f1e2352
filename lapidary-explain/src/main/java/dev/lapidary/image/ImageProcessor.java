package dev.lapidary.image;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Turns a picture into the float32 pixels [3, height, width] that an encoder was trained with: resize, cut out the centre, scale,
 * normalise, in this order and each where the configuration asks for it.
 *
 * <p>The same numbers as the image processors of transformers on Pillow. A class whose name ends in Fast, which resizes by PyTorch
 * there with slightly other results, is read as the one without: resampling is Pillow's here. Zeros are put around a picture that is
 * smaller than the centre to cut out, before scaling. A pixel times the factor is calculated in float64 and rounded to float32, as
 * there; mean and deviation are float32.
 *
 * @see <a href="https://github.com/huggingface/transformers/blob/main/src/transformers/image_transforms.py">transformers,
 *     image_transforms.py</a>
 */
public final class ImageProcessor {
    private static final int VALUES = 256; // of a byte

    private final Optional<TargetSize> size;
    private final ResizeFilter filter;
    private final Optional<TargetSize.Fixed> crop;
    private final float[][] table; // [3, 256], the result for each byte of each colour

    private ImageProcessor(
            Optional<TargetSize> size, ResizeFilter filter, Optional<TargetSize.Fixed> crop, float[][] table) {
        this.size = size;
        this.filter = filter;
        this.crop = crop;
        this.table = table;
    }

    /**
     * Reads the settings of one of CLIPImageProcessor, SiglipImageProcessor and ViTImageProcessor, each with or without Fast at its
     * end, and CLIPFeatureExtractor; what the file leaves out is as the class has it. That pictures become RGB (do_convert_rgb) is done
     * by decoding, whatever it says.
     *
     * @param file a preprocessor_config.json
     * @throws dev.lapidary.runtime.InputException where the file is missing, of another class or not as it must be
     */
    public static ImageProcessor read(Path file) {
        return ProcessorConfig.read(file).processor();
    }

    static ImageProcessor of(
            Optional<TargetSize> size, ResizeFilter filter, Optional<TargetSize.Fixed> crop, Scaling scaling) {
        float[][] table = new float[RgbImage.BANDS][VALUES];
        for (int colour = 0; colour < RgbImage.BANDS; colour++) {
            for (int value = 0; value < VALUES; value++) {
                table[colour][value] = scaling.of(colour, value);
            }
        }
        return new ImageProcessor(size, filter, crop, table);
    }

    /**
     * The size of every result.
     *
     * @param height pixels
     * @param width pixels
     */
    public record Size(int height, int width) {
        @Override
        public String toString() {
            return width + " x " + height;
        }
    }

    /** The size of every result, where it does not depend on the picture. */
    public Optional<Size> outputSize() {
        Optional<TargetSize.Fixed> fixed = crop.isPresent()
                ? crop
                : size.filter(TargetSize.Fixed.class::isInstance).map(TargetSize.Fixed.class::cast);
        return fixed.map(window -> new Size(window.rows(), window.columns()));
    }

    /** The number that each byte of each colour becomes, [3, 256]. */
    public float[][] colourTable() {
        return Arrays.stream(table).map(float[]::clone).toArray(float[][]::new);
    }

    /** Processes one picture, which is left as it is. */
    public PixelValues process(RgbImage image) {
        RgbImage resized =
                size.map(to -> ImageResizer.resize(image, to, filter)).orElse(image);
        TargetSize.Fixed window = crop.orElse(new TargetSize.Fixed(resized.height(), resized.width()));
        return values(resized, window.rows(), window.columns());
    }

    /** Cuts out the centre; where the picture is smaller, the offsets are negative and zeros lie around it. */
    private PixelValues values(RgbImage image, int height, int width) {
        int top = Math.floorDiv(image.height() - height, 2);
        int left = Math.floorDiv(image.width() - width, 2);
        float[] out = new float[RgbImage.BANDS * height * width];
        for (int colour = 0; colour < RgbImage.BANDS; colour++) {
            for (int y = 0; y < height; y++) {
                row(image, colour, y + top, left, out, (colour * height + y) * width, width);
            }
        }
        return new PixelValues(height, width, out);
    }

    private void row(RgbImage image, int colour, int y, int left, float[] out, int at, int width) {
        float[] result = table[colour];
        boolean inside = y >= 0 && y < image.height();
        for (int x = 0; x < width; x++) {
            int from = x + left;
            boolean pixel = inside && from >= 0 && from < image.width();
            int place = (y * image.width() + from) * RgbImage.BANDS + colour;
            out[at + x] = result[pixel ? image.pixels()[place] & 0xff : 0];
        }
    }

    /** Makes a float32 of a byte. */
    @FunctionalInterface
    interface Scaling {
        /** The result for a value from 0 to 255 of a colour from 0 to 2. */
        float of(int colour, int value);
    }
}
