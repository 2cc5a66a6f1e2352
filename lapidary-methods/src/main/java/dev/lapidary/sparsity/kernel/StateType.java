package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.InputException;
import java.util.Locale;

/** How the logits of a mask and their two moments are kept between steps; arithmetic is always in float32. */
public enum StateType {
    /** 12 bytes per logit, 18 per weight of 2:4. */
    F32(4),

    /**
     * 6 bytes per logit, 9 per weight of 2:4. Logits are rounded stochastically, by random bits that depend on (seed, stream,
     * step, index) alone: a step moves a logit by less than half of bfloat16's spacing, so that rounding to nearest would
     * stall learning. The moments, which move by 5 to 10 % a step, are rounded to nearest, ties to even.
     */
    BF16(2);

    private final int bytes;

    StateType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of one value. */
    public int bytes() {
        return bytes;
    }

    /** Reads f32 or bf16. */
    public static StateType parse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "f32" -> F32;
            case "bf16" -> BF16;
            default -> throw new InputException("the state type must be f32 or bf16; got " + text);
        };
    }
}
