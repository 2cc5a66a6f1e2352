package dev.lapidary.synthetic.scene;

import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** What an object of a scene looks like from afar. */
public enum SceneShape {
    /** A disc. */
    CIRCLE("circle"),
    /** Four equal sides. */
    SQUARE("square"),
    /** Three equal sides, one below. */
    TRIANGLE("triangle"),
    /** Five points. */
    STAR("star"),
    /** A disc with a hole. */
    RING("ring"),
    /** Two equal bars, upright. */
    CROSS("cross");

    private static final double SQUARE_HALF = 0.85; // about the area of the circle
    private static final double BAR_HALF = 0.33;
    private static final double POINT = 1.12; // distance of corners
    private static final double STAR_INNER =
            0.5; // of the inner corners, in outer ones; a pentagram's 0.38 is lost at 8 pixels
    private static final double HOLE = 0.45;

    private final String word;

    SceneShape(String word) {
        this.word = word;
    }

    /** Returns the noun. */
    public String word() {
        return word;
    }

    /** Returns the outline around (0, 0), y downwards, within about a distance of 1. */
    Area outline() {
        return switch (this) {
            case CIRCLE -> disc(1);
            case SQUARE -> box(SQUARE_HALF, SQUARE_HALF);
            case TRIANGLE -> star(3, POINT, 0.5 * POINT); // inner corners amid the sides
            case STAR -> star(5, POINT, STAR_INNER * POINT);
            case RING -> {
                Area ring = disc(1);
                ring.subtract(disc(HOLE));
                yield ring;
            }
            case CROSS -> {
                Area cross = box(1, BAR_HALF);
                cross.add(box(BAR_HALF, 1));
                yield cross;
            }
        };
    }

    private static Area disc(double radius) {
        return new Area(new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius));
    }

    private static Area box(double halfWidth, double halfHeight) {
        return new Area(new Rectangle2D.Double(-halfWidth, -halfHeight, 2 * halfWidth, 2 * halfHeight));
    }

    private static Area star(int points, double outer, double inner) {
        Path2D path = new Path2D.Double();
        for (int i = 0; i < 2 * points; i++) {
            double radius = i % 2 == 0 ? outer : inner;
            double x = radius * Math.sin(i * Math.PI / points);
            double y = -radius * Math.cos(i * Math.PI / points);
            if (i == 0) {
                path.moveTo(x, y);
            } else {
                path.lineTo(x, y);
            }
        }
        path.closePath();
        return new Area(path);
    }
}
