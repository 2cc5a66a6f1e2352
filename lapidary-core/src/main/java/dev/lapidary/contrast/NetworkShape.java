package dev.lapidary.contrast;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;

/**
 * The sizes of an image network.
 *
 * @param side height and width of its images in pixels: a power of two from {@value #SMALLEST_SIDE} to {@value #LARGEST_SIDE}
 * @param channels of the first stage; each of the next has twice as many on maps of half the side, down to 8 x 8
 * @param blocks residual blocks of a stage
 * @param embedding numbers of an embedding, d
 */
public record NetworkShape(
        @Setting(label = "PIXELS", help = "Images are resized and cut to squares of this side, a power of two.")
        int side,

        @Setting(help = "Channels of the first stage.")
        int channels,

        @Setting(help = "Blocks of a stage.")
        int blocks,

        @Setting(option = "width", help = "Numbers of an embedding.")
        int embedding)
        implements Settings {
    static final int SMALLEST_SIDE = 16;
    static final int LARGEST_SIDE = 256;

    private static final int LAST_MAP = 8; // pixels
    private static final int MOST_CHANNELS = 512;
    private static final int MOST_BLOCKS = 16;
    private static final int MOST_EMBEDDING = 4096;

    /** Checks the sizes. */
    public NetworkShape {
        if (side < SMALLEST_SIDE || side > LARGEST_SIDE || Integer.bitCount(side) != 1) {
            throw new InputException("side must be a power of two from " + SMALLEST_SIDE + " to " + LARGEST_SIDE
                    + " pixels; got " + side);
        }
        Bounds.within("channels", channels, 1, MOST_CHANNELS);
        Bounds.within("blocks", blocks, 1, MOST_BLOCKS);
        Bounds.within("embedding", embedding, 1, MOST_EMBEDDING);
    }

    /** Returns a network of half a million weights for images of 32 pixels. */
    public static NetworkShape defaults() {
        return new NetworkShape(32, 32, 1, 128);
    }

    /** Returns this network for images of another side. */
    public NetworkShape withSide(int newSide) {
        return Components.with(this, "side", newSide);
    }

    /**
     * Floating point operations of one image on its way through the network: two for each product of its convolutions and its
     * projection. A training step takes three times as many.
     */
    public double operations() {
        return ImageNetwork.operations(this);
    }

    /** Stages: 3 for a side of 32. */
    int stages() {
        return Integer.numberOfTrailingZeros(side / LAST_MAP) + 1;
    }

    /** Channels of the last stage. */
    int features() {
        return channels << stages() - 1;
    }
}
