package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Draws images of handwritten-looking digits: pen strokes, bent and slanted, rendered with soft edges and made black and white.
 *
 * <p>Each image has an evenly drawn digit and one of two or three ways to write it. Its strokes are bent by a smooth random displacement,
 * scaled, slanted, turned and moved, and drawn with a pen of random width. A pixel's grey is the share of it that the pen covers, to first
 * order; normal noise is added, and what is above one half is ink.
 *
 * <p><b>Why this is a fair stand-in:</b> as in scanned digits, a few discrete causes (which digit, which way to write it) and a few
 * continuous ones (slant, width, bend) make images of many pixels, and half an image leaves open what the other half is. The cause is known.
 *
 * <p><b>What it cannot show:</b> figures that compare with those on MNIST. There are far fewer ways to write a digit here than among people,
 * images are smaller, and a test image comes from just the distribution of the training images.
 *
 * <p>An image depends on the seed and its number alone: a longer set begins with those of a shorter one.
 *
 * @param side pixels of a side, at least 8
 * @param distortion how strongly strokes are bent, scaled, slanted, turned and moved; 0 for not at all, 1 for as people do
 * @param noise deviation of the noise on a grey of 0 to 1, at least 0
 */
public record Digits(int side, double distortion, double noise) {
    private static final double TURN = 0.12; // radians, deviation
    private static final double SLANT = 0.18; // deviation of the shear
    private static final double SCALE = 0.1; // half the range of each axis' scale
    private static final double MOVE = 0.025; // of the side, deviation
    private static final double BEND = 0.022; // of the side, deviation of each wave
    private static final int WAVES = 3; // of each axis' displacement
    private static final double THINNEST = 0.085; // pen width, of the side
    private static final double THICKEST = 0.14;

    /** Checks the ranges. */
    public Digits {
        Draw.atLeast("side", side, 8);
        if (!(distortion >= 0 && noise >= 0 && Double.isFinite(distortion + noise))) {
            throw new InputException(
                    "distortion and noise must be finite and at least 0; got " + distortion + " and " + noise);
        }
    }

    /** Returns digits of 14 by 14 pixels, distorted as people do, with a noise of 0.15. */
    public static Digits handwritten() {
        return new Digits(14, 1, 0.15);
    }

    /**
     * Draws the images of a seed.
     *
     * @param count how many, at least 1
     */
    public DigitImages draw(int count, long seed) {
        Draw.atLeast("images", count, 1);
        Draw kinds = new Draw(seed, "digits.kinds");
        Draw shapes = new Draw(seed, "digits.shapes");
        Draw grains = new Draw(seed, "digits.noise");
        byte[][] pixels = new byte[count][side * side];
        int[] labels = new int[count];
        for (int item = 0; item < count; item++) {
            labels[item] = kinds.below(10, item, 0);
            int way = kinds.below(DigitStrokes.ways(labels[item]), item, 1);
            Shape shape = Shape.draw(shapes, item, distortion);
            double[] segments = shape.segments(DigitStrokes.of(labels[item], way));
            double half = (THINNEST + (THICKEST - THINNEST) * kinds.uniform(item, 2)) / 2;
            for (int pixel = 0; pixel < side * side; pixel++) {
                int row = pixel / side;
                double distance = distance(segments, (pixel % side + 0.5) / side, (row + 0.5) / side);
                double grey = Math.clamp((half - distance) * side + 0.5, 0, 1);
                double grain = noise == 0 ? 0 : noise * grains.normal(item, pixel);
                pixels[item][pixel] = (byte) (grey + grain > 0.5 ? 1 : 0);
            }
        }
        return new DigitImages(side, pixels, labels);
    }

    /** The distance of a point to the nearest of segments [x, y, toX, toY, ...]. */
    private static double distance(double[] segments, double x, double y) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < segments.length; i += 4) {
            double dx = segments[i + 2] - segments[i];
            double dy = segments[i + 3] - segments[i + 1];
            double length = dx * dx + dy * dy;
            double along = length == 0 ? 0 : ((x - segments[i]) * dx + (y - segments[i + 1]) * dy) / length;
            double share = Math.clamp(along, 0, 1);
            double offX = segments[i] + share * dx - x;
            double offY = segments[i + 1] + share * dy - y;
            nearest = Math.min(nearest, offX * offX + offY * offY);
        }
        return Math.sqrt(nearest);
    }

    /**
     * How one image's strokes are moved.
     *
     * @param matrix [xx, xy, yx, yy] of turn, slant and scale
     * @param move [x, y]
     * @param waves of the displacement: amplitude of x and of y, waves along x and along y, phase, and so on
     */
    @SuppressWarnings("ArrayRecordComponent") // read here alone
    private record Shape(double[] matrix, double[] move, double[] waves) {
        static Shape draw(Draw draw, long item, double strength) {
            double turn = strength * TURN * draw.normal(item, 0);
            double slant = strength * SLANT * draw.normal(item, 1);
            double scaleX = 1 + strength * SCALE * (2 * draw.uniform(item, 100) - 1);
            double scaleY = 1 + strength * SCALE * (2 * draw.uniform(item, 101) - 1);
            double cos = StrictMath.cos(turn);
            double sin = StrictMath.sin(turn);
            double[] matrix = {scaleX * cos, scaleX * (-slant * cos - sin), scaleY * sin, scaleY * (cos - slant * sin)};
            double[] move = {strength * MOVE * draw.normal(item, 2), strength * MOVE * draw.normal(item, 3)};
            double[] waves = new double[5 * WAVES];
            for (int wave = 0; wave < WAVES; wave++) {
                waves[5 * wave] = strength * BEND * draw.normal(item, 4 + 2L * wave);
                waves[5 * wave + 1] = strength * BEND * draw.normal(item, 5 + 2L * wave);
                waves[5 * wave + 2] = 2 * draw.uniform(item, 102 + 3L * wave) - 1;
                waves[5 * wave + 3] = 2 * draw.uniform(item, 103 + 3L * wave) - 1;
                waves[5 * wave + 4] = 2 * Math.PI * draw.uniform(item, 104 + 3L * wave);
            }
            return new Shape(matrix, move, waves);
        }

        private double[] place(double[] point) {
            double x = point[0] - 0.5;
            double y = point[1] - 0.5;
            double bentX = x;
            double bentY = y;
            for (int i = 0; i < waves.length; i += 5) {
                double height = StrictMath.sin(2 * Math.PI * (waves[i + 2] * x + waves[i + 3] * y) + waves[i + 4]);
                bentX += waves[i] * height;
                bentY += waves[i + 1] * height;
            }
            return new double[] {
                0.5 + matrix[0] * bentX + matrix[1] * bentY + move[0],
                0.5 + matrix[2] * bentX + matrix[3] * bentY + move[1]
            };
        }

        /** The strokes' straight pieces after the move, [x, y, toX, toY, ...]. */
        double[] segments(List<List<double[]>> strokes) {
            List<double[]> pieces = new ArrayList<>();
            for (List<double[]> stroke : strokes) {
                for (int i = 1; i < stroke.size(); i++) {
                    double[] from = place(stroke.get(i - 1));
                    double[] to = place(stroke.get(i));
                    pieces.add(new double[] {from[0], from[1], to[0], to[1]});
                }
            }
            return pieces.stream().flatMapToDouble(Arrays::stream).toArray();
        }
    }
}
