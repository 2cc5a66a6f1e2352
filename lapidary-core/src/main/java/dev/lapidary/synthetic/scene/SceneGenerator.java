package dev.lapidary.synthetic.scene;

import dev.lapidary.image.RgbImage;
import dev.lapidary.synthetic.scene.SceneBackground.Shade;
import dev.lapidary.synthetic.scene.SceneObject.Pose;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Draws scenes of one to three objects on noisy backgrounds, whose concepts, captions and classes are known.
 *
 * <p>Class and number of objects are drawn first, each as frequent, then the rest until it has that class. Scene i depends on the
 * seed and on i alone, and has the same content at every size of picture. Several threads may draw at once.
 */
public final class SceneGenerator {
    private static final double OVERLAP = 0.88; // of the sum of the radii, which centres keep from each other
    private static final double SHIFT = 0.015; // most, of the side
    private static final double GROWTH = 0.06;
    private static final double TURN = Math.toRadians(12);
    private static final int TINT = 12; // of 255
    private static final int HUE = 8;

    private final SceneSettings settings;

    /** Draws scenes by these settings. */
    public SceneGenerator(SceneSettings settings) {
        this.settings = settings;
    }

    /** Returns the settings. */
    public SceneSettings settings() {
        return settings;
    }

    /**
     * Returns the content of a scene.
     *
     * @param index from 0, below the count
     */
    public Scene scene(int index) {
        Objects.checkIndex(index, settings.count());
        SplittableRandom random = random(index);
        SceneClass label = one(SceneClass.values(), random);
        ObjectCount range = settings.objects();
        int count = random.nextInt(range.fewest(), range.most() + 1);
        List<SceneObject> objects = objects(count, random);
        while (SceneClass.of(objects) != label) {
            objects = objects(count, random);
        }
        return new Scene(objects, background(random), random.nextLong());
    }

    /** Returns the picture of a scene, [side, side, 3]. */
    public RgbImage image(int index) {
        return new ScenePainter(settings.side()).paint(scene(index));
    }

    /** A generator of its own for each scene; mixing twice keeps those of neighbouring scenes apart. */
    private SplittableRandom random(int index) {
        long base = new SplittableRandom(settings.seed()).nextLong();
        return new SplittableRandom(new SplittableRandom(base + index).nextLong());
    }

    private static List<SceneObject> objects(int count, SplittableRandom random) {
        List<SceneObject> objects = new ArrayList<>();
        while (objects.size() < count) {
            SceneSize size = one(SceneSize.values(), random);
            ScenePlace place = one(ScenePlace.values(), random);
            if (objects.stream().anyMatch(other -> overlap(other, size, place))) {
                objects.clear(); // anew, since what is there may leave no place
                continue;
            }
            objects.add(new SceneObject(
                    one(SceneShape.values(), random),
                    one(SceneColour.values(), random),
                    one(SceneTexture.values(), random),
                    size,
                    place,
                    pose(random)));
        }
        return objects;
    }

    private static boolean overlap(SceneObject other, SceneSize size, ScenePlace place) {
        return other.place().distance(place) < OVERLAP * (other.size().radius() + size.radius());
    }

    private static Pose pose(SplittableRandom random) {
        return new Pose(
                random.nextDouble(-SHIFT, SHIFT),
                random.nextDouble(-SHIFT, SHIFT),
                random.nextDouble(1 - GROWTH, 1 + GROWTH),
                random.nextDouble(-TURN, TURN),
                random.nextInt(-TINT, TINT + 1));
    }

    private static SceneBackground background(SplittableRandom random) {
        Shade shade = one(Shade.values(), random);
        return new SceneBackground(shade, grey(shade, random), grey(shade, random), random.nextDouble(2 * Math.PI));
    }

    /** A grey with a touch of a colour. */
    private static int grey(Shade shade, SplittableRandom random) {
        int level = random.nextInt(shade.least(), shade.most() + 1);
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
            rgb = (rgb << 8) | (level + random.nextInt(-HUE, HUE + 1));
        }
        return rgb;
    }

    private static <T> T one(T[] values, SplittableRandom random) {
        return values[random.nextInt(values.length)];
    }
}
