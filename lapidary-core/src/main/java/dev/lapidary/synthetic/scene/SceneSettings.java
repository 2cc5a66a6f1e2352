package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;

/**
 * Which scenes a generator draws. Scene i is the same whatever the count.
 *
 * @param count scenes, from 1 to {@value #MOST_SCENES}
 * @param seed draws the scenes
 * @param side height and width of a picture in pixels, from {@value #LEAST_SIDE} to {@value #MOST_SIDE}
 * @param objects how many objects a scene has
 */
public record SceneSettings(
        @Setting(help = "How many scenes.")
        int count,

        @Setting(help = "Draws the scenes.")
        long seed,

        @Setting(
                label = "PIXELS",
                help = "Height and width of a picture, from " + SceneSettings.LEAST_SIDE + " to " + SceneSettings.MOST_SIDE
                        + ".")
        int side,

        @Setting(
                label = "N|N-N",
                help = "How many objects a scene has: a number up to " + ObjectCount.LIMIT + ", or a range. Concepts of "
                        + "scenes that differ in it go together a little, since more objects show more.")
        ObjectCount objects)
        implements Settings {
    /** The most scenes. */
    public static final int MOST_SCENES = 1_000_000;

    /** The least side in pixels; below 32 textures cannot be told apart. */
    public static final int LEAST_SIDE = 16;

    /** The greatest side in pixels. */
    public static final int MOST_SIDE = 512;

    /** Checks the ranges. */
    public SceneSettings {
        Bounds.within("count", count, 1, MOST_SCENES);
        Bounds.within("side", side, LEAST_SIDE, MOST_SIDE);
    }

    /** Returns 10,000 scenes of 32 pixels with one to three objects, from seed 0. */
    public static SceneSettings defaults() {
        return new SceneSettings(10_000, 0, 32, new ObjectCount(1, ObjectCount.LIMIT));
    }

    /** Returns these with another number of scenes. */
    public SceneSettings withCount(int newCount) {
        return Components.with(this, "count", newCount);
    }

    /** Returns these with another seed. */
    public SceneSettings withSeed(long newSeed) {
        return Components.with(this, "seed", newSeed);
    }

    /** Returns these with another side in pixels. */
    public SceneSettings withSide(int newSide) {
        return Components.with(this, "side", newSide);
    }

    /** Returns these with another number of objects. */
    public SceneSettings withObjects(ObjectCount newObjects) {
        return Components.with(this, "objects", newObjects);
    }
}
