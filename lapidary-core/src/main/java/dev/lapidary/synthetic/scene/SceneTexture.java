package dev.lapidary.synthetic.scene;

import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;

/** What is drawn on an object in a darker tone of its colour. */
public enum SceneTexture {
    /** Nothing. */
    PLAIN("plain"),
    /** Level stripes. */
    STRIPED("striped"),
    /** Dots in rows. */
    DOTTED("dotted"),
    /** A chequerboard. */
    CHECKED("checked");

    private static final double DOT = 0.62; // radius in units
    private static final double CELL = 1.3; // side of a cell of the chequerboard in units

    private final String word;

    SceneTexture(String word) {
        this.word = word;
    }

    /** Returns the adjective. */
    public String word() {
        return word;
    }

    /**
     * Returns where the darker tone lies around (0, 0).
     *
     * @param unit width of a stripe
     * @param reach how far from (0, 0) it must cover
     */
    Area marks(double unit, double reach) {
        int most = (int) Math.ceil(reach / unit);
        Area marks = new Area();
        for (int row = -most; row <= most; row++) {
            addRow(marks, row, most, unit);
        }
        return marks;
    }

    private void addRow(Area marks, int row, int most, double unit) {
        if (this == STRIPED) {
            marks.add(box(-most * unit, (2 * row + 0.5) * unit, 2 * most * unit, unit));
        }
        for (int column = -most; column <= most; column++) {
            if (this == DOTTED) {
                marks.add(dot(2 * column * unit, 2 * row * unit, DOT * unit));
            } else if (this == CHECKED && (row + column) % 2 == 0) {
                marks.add(box(column * CELL * unit, row * CELL * unit, CELL * unit, CELL * unit));
            }
        }
    }

    private static Area box(double x, double y, double width, double height) {
        return new Area(new Rectangle2D.Double(x, y, width, height));
    }

    private static Area dot(double x, double y, double radius) {
        return new Area(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }
}
