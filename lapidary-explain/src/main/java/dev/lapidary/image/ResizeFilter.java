package dev.lapidary.image;

import dev.lapidary.runtime.InputException;

/**
 * How a resized pixel weighs the pixels around its place, with Pillow's names, numbers and formulas.
 *
 * @see <a href="https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters">Pillow, Filters</a>
 */
public enum ResizeFilter {
    /** The pixel at the place itself. */
    NEAREST(0),
    /** A sinc with a sinc as window. */
    LANCZOS(3.0),
    /** A triangle. */
    BILINEAR(1.0),
    /** Keys's cubic with a = -0.5. */
    BICUBIC(2.0),
    /** The mean of the pixels. */
    BOX(0.5),
    /** A sinc with Hamming's window, as sharp as bilinear without its steps. */
    HAMMING(1.0);

    private static final double CUBIC = -0.5; // a in Keys's formula
    private static final double HAMMING_MEAN = 0.54;
    private static final double HAMMING_SWING = 0.46;

    private final double support;

    ResizeFilter(double support) {
        this.support = support;
    }

    /**
     * The filter with Pillow's number: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box, 5 hamming.
     *
     * @throws InputException where there is none
     */
    public static ResizeFilter ofPillow(int number) {
        if (number < 0 || number >= values().length) {
            throw new InputException("a filter must be a number of Pillow's from 0 to 5; got " + number);
        }
        return values()[number]; // in Pillow's order
    }

    /** The distance, in pixels of the smaller picture, from which the weight is 0. */
    double support() {
        return support;
    }

    /** The weight at a distance, not normalised. */
    double weight(double distance) {
        double x = Math.abs(distance);
        return switch (this) {
            case NEAREST -> throw new IllegalStateException("nearest has no weights");
            case LANCZOS -> distance >= -support && distance < support ? sinc(x) * sinc(x / support) : 0;
            case BILINEAR -> Math.max(0, 1 - x);
            case BICUBIC -> cubic(x);
            case BOX -> distance > -support && distance <= support ? 1 : 0;
            case HAMMING -> hamming(x);
        };
    }

    private static double cubic(double x) {
        if (x < 1) {
            return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * CUBIC : 0;
    }

    private static double hamming(double x) {
        if (x == 0) {
            return 1;
        }
        double angle = x * Math.PI;
        return x >= 1 ? 0 : Math.sin(angle) / angle * (HAMMING_MEAN + HAMMING_SWING * Math.cos(angle));
    }

    private static double sinc(double x) {
        double angle = x * Math.PI;
        return x == 0 ? 1 : Math.sin(angle) / angle;
    }
}
