package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.InputException;

/**
 * Which scenes a generator draws. Scene i is the same whatever the count.
 *
 * @param count scenes, from 1 to {@value #MOST_SCENES}
 * @param seed draws the scenes
 * @param side height and width of a picture in pixels, from {@value #LEAST_SIDE} to {@value #MOST_SIDE}
 * @param objects how many objects a scene has
 */
public record SceneSettings(int count, long seed, int side, ObjectCount objects) {
    /** The most scenes. */
    public static final int MOST_SCENES = 1_000_000;

    /** The least side in pixels; below 32 textures cannot be told apart. */
    public static final int LEAST_SIDE = 16;

    /** The greatest side in pixels. */
    public static final int MOST_SIDE = 512;

    /** Checks the ranges. */
    public SceneSettings {
        requireBetween("count", count, 1, MOST_SCENES);
        requireBetween("side", side, LEAST_SIDE, MOST_SIDE);
    }

    /** Returns 10,000 scenes of 32 pixels with one to three objects, from seed 0. */
    public static SceneSettings defaults() {
        return new SceneSettings(10_000, 0, 32, new ObjectCount(1, ObjectCount.LIMIT));
    }

    /** Returns these with another number of scenes. */
    public SceneSettings withCount(int newCount) {
        return new SceneSettings(newCount, seed, side, objects);
    }

    /** Returns these with another seed. */
    public SceneSettings withSeed(long newSeed) {
        return new SceneSettings(count, newSeed, side, objects);
    }

    /** Returns these with another side in pixels. */
    public SceneSettings withSide(int newSide) {
        return new SceneSettings(count, seed, newSide, objects);
    }

    /** Returns these with another number of objects. */
    public SceneSettings withObjects(ObjectCount newObjects) {
        return new SceneSettings(count, seed, side, newObjects);
    }

    private static void requireBetween(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(name + " must be from " + least + " to " + most + "; got " + value);
        }
    }
}
