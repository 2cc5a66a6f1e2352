package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.util.Locale;

/** How a weight of a model is stored; products are always calculated in float32. */
public enum WeightType {
    /** IEEE float32. */
    F32(4),

    /** bfloat16, the upper half of a float32; packing rounds to nearest, ties to even. */
    BF16(2),

    /** IEEE float16: dense only, as GGUF files have it; nothing is packed in it. */
    F16(2),

    /** A signed byte in [−127, 127] times a float32 scale of its row or of its block of 32 columns. */
    INT8(1);

    private final int bytes;

    WeightType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of one weight, without scales. */
    public int bytes() {
        return bytes;
    }

    /** Whether a weight has 16 bits. */
    boolean isHalf() {
        return bytes == 2;
    }

    /** Returns those of packed files, dense and 2:4. */
    public static WeightType[] packed() {
        return new WeightType[] {F32, BF16, INT8};
    }

    /** Reads f32, bf16 or int8. */
    public static WeightType parse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "f32" -> F32;
            case "bf16" -> BF16;
            case "int8" -> INT8;
            default -> throw new InputException("the weight type must be f32, bf16 or int8; got " + text);
        };
    }

    /** Returns f32, bf16, f16 or int8. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
