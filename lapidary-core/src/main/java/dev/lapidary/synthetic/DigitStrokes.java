package dev.lapidary.synthetic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The ten digits as pen strokes in a unit square, x to the right and y down, each in the ways that people write it. */
final class DigitStrokes {
    private static final double DEGREES_A_PIECE = 22.5;
    private static final List<List<Glyph>> DIGITS = List.of(
            List.of(
                    new Glyph().arc(0.5, 0.5, 0.25, 0.38, 0, 360),
                    new Glyph().arc(0.5, 0.5, 0.18, 0.38, 0, 360)),
            List.of(
                    new Glyph().to(0.5, 0.1).to(0.5, 0.9),
                    new Glyph().to(0.34, 0.28).to(0.52, 0.1).to(0.52, 0.9),
                    new Glyph().to(0.34, 0.28).to(0.52, 0.1).to(0.52, 0.9).lift().to(0.32, 0.9).to(0.72, 0.9)),
            List.of(
                    new Glyph().arc(0.5, 0.32, 0.24, 0.22, 180, 390).to(0.26, 0.9).to(0.76, 0.9),
                    new Glyph().arc(0.5, 0.3, 0.22, 0.2, 200, 420).to(0.26, 0.86).to(0.48, 0.8).to(0.78, 0.9)),
            List.of(
                    new Glyph().arc(0.48, 0.3, 0.22, 0.2, 200, 450).arc(0.48, 0.7, 0.25, 0.2, 270, 520),
                    new Glyph().to(0.26, 0.1).to(0.72, 0.1).to(0.46, 0.42).arc(0.46, 0.66, 0.26, 0.24, 270, 520)),
            List.of(
                    new Glyph().to(0.32, 0.1).to(0.25, 0.55).to(0.78, 0.55).lift().to(0.66, 0.15).to(0.62, 0.9),
                    new Glyph().to(0.62, 0.9).to(0.62, 0.1).to(0.22, 0.62).to(0.8, 0.62)),
            List.of(
                    new Glyph().to(0.72, 0.1).to(0.34, 0.1).arc(0.48, 0.65, 0.25, 0.25, 225, 510),
                    new Glyph().to(0.7, 0.14).to(0.36, 0.1).to(0.32, 0.44).arc(0.46, 0.64, 0.24, 0.24, 240, 480)),
            List.of(
                    new Glyph().to(0.66, 0.12).to(0.42, 0.3).to(0.29, 0.6).arc(0.5, 0.68, 0.22, 0.21, 180, 540),
                    new Glyph().to(0.36, 0.1).to(0.28, 0.6).arc(0.5, 0.68, 0.22, 0.21, 180, 540)),
            List.of(
                    new Glyph().to(0.24, 0.12).to(0.76, 0.12).to(0.42, 0.9),
                    new Glyph().to(0.24, 0.12).to(0.76, 0.12).to(0.46, 0.9).lift().to(0.36, 0.5).to(0.72, 0.5)),
            List.of(
                    new Glyph().arc(0.5, 0.3, 0.19, 0.19, 90, 450).arc(0.5, 0.7, 0.23, 0.21, 270, 630),
                    new Glyph().arc(0.5, 0.28, 0.15, 0.17, 90, 450).arc(0.5, 0.68, 0.2, 0.23, 270, 630)),
            List.of(
                    new Glyph().arc(0.5, 0.32, 0.22, 0.21, 0, 360).to(0.68, 0.6).to(0.6, 0.9),
                    new Glyph().arc(0.5, 0.32, 0.22, 0.21, 0, 360).arc(0.49, 0.6, 0.23, 0.29, 0, 140)));

    private DigitStrokes() {}

    /** Returns how many ways there are to write a digit. */
    static int ways(int digit) {
        return DIGITS.get(digit).size();
    }

    /** Returns the strokes of a digit, each a list of points [x, y] that straight lines join. */
    static List<List<double[]>> of(int digit, int way) {
        return Collections.unmodifiableList(DIGITS.get(digit).get(way).strokes);
    }

    /** A pen that moves. */
    private static final class Glyph {
        private final List<List<double[]>> strokes = new ArrayList<>(List.of(new ArrayList<>()));

        /** Draws a straight line in short pieces, which a later distortion bends. */
        Glyph to(double x, double y) {
            List<double[]> stroke = strokes.getLast();
            double[] last = stroke.isEmpty() ? new double[] {x, y} : stroke.getLast();
            int pieces = stroke.isEmpty() ? 1 : (int) Math.ceil(Math.hypot(x - last[0], y - last[1]) / 0.15);
            for (int i = 1; i <= pieces; i++) {
                double share = (double) i / pieces;
                stroke.add(new double[] {last[0] + share * (x - last[0]), last[1] + share * (y - last[1])});
            }
            return this;
        }

        /** Draws part of an ellipse; degrees go from the right downwards to the left. */
        Glyph arc(double x, double y, double radiusX, double radiusY, double from, double to) {
            int pieces = (int) Math.ceil((to - from) / DEGREES_A_PIECE);
            for (int i = 0; i <= pieces; i++) {
                double angle = Math.toRadians(from + (to - from) * i / pieces);
                to(x + radiusX * StrictMath.cos(angle), y + radiusY * StrictMath.sin(angle));
            }
            return this;
        }

        /** Ends a stroke. */
        Glyph lift() {
            strokes.add(new ArrayList<>());
            return this;
        }
    }
}
