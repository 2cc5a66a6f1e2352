package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.RotaryAngles;
import java.lang.foreign.Arena;

/**
 * The rotary angles of a model, for as many positions as its sessions need: f_i = base^(−2i/headWidth), scaled as the model says.
 * Safe for several threads.
 */
final class RotaryTable {
    private static final int LEAST = 256; // positions

    private final double[] frequencies; // [headWidth / 2], radians per position
    private final int context;
    private final Arena arena;
    private volatile RotaryAngles angles;

    /** The arena keeps the angles. */
    RotaryTable(ModelConfig config, Arena arena) {
        this.context = config.context();
        this.arena = arena;
        frequencies = new double[config.headWidth() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(config.rotaryBase(), -2.0 * i / config.headWidth());
            frequencies[i] = config.rotaryScaling().scale(i, frequency);
        }
        angles = new RotaryAngles(frequencies, Math.min(LEAST, context), arena);
    }

    /** Makes sure that there are angles for {@code positions} positions. */
    synchronized void reach(int positions) {
        int now = angles.positions();
        if (positions > now) {
            angles = new RotaryAngles(frequencies, Math.min(context, Math.max(positions, 2 * now)), arena);
        }
    }

    RotaryAngles angles() {
        return angles;
    }
}
