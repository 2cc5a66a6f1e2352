package dev.lapidary.synthetic.scene;

import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The areas of an object around (0, 0), in its radii; shared and not to be changed.
 *
 * @param outline all of it
 * @param marks the part in the darker tone
 */
record SceneSurface(Path2D outline, Path2D marks) {
    private static final double UNIT = 1.0 / 16; // width of a stripe, of the picture's side: 2 pixels of 32
    private static final double REACH = 1.2; // beyond every outline

    /** Kept, since cutting areas takes far longer than painting them. */
    private static final Map<Kind, SceneSurface> CUT = new ConcurrentHashMap<>();

    private record Kind(SceneShape shape, SceneTexture texture, SceneSize size) {}

    static SceneSurface of(SceneObject object) {
        return CUT.computeIfAbsent(new Kind(object.shape(), object.texture(), object.size()), SceneSurface::cut);
    }

    private static SceneSurface cut(Kind kind) {
        Area outline = kind.shape().outline();
        Area marks = kind.texture().marks(UNIT / kind.size().radius(), REACH);
        marks.intersect(outline);
        return new SceneSurface(new Path2D.Double(outline), new Path2D.Double(marks));
    }
}
