package dev.lapidary.torch.check;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** The types that operations are checked in. */
enum NumberType {
    F32("f32", ScalarType.Float, 0x1p-24, 0x1p-24),
    F64("f64", ScalarType.Double, 0x1p-53, 0x1p-53),
    /** Numbers of 8 significant bits, sums in float32. */
    BF16("bf16", ScalarType.BFloat16, 0x1p-24, 0x1p-8);

    private final String label;
    private final ScalarType scalar;
    private final double sums;
    private final double numbers;

    NumberType(String label, ScalarType scalar, double sums, double numbers) {
        this.label = label;
        this.scalar = scalar;
        this.sums = sums;
        this.numbers = numbers;
    }

    String label() {
        return label;
    }

    ScalarType scalar() {
        return scalar;
    }

    /** The relative error of one rounding inside a sum. */
    double sumRounding() {
        return sums;
    }

    /** The relative error of storing a number. */
    double rounding() {
        return numbers;
    }

    /** The nearest number of the type. */
    double round(double value) {
        return switch (this) {
            case F64 -> value;
            case F32 -> (float) value;
            case BF16 -> {
                int bits = Float.floatToRawIntBits((float) value);
                int even = bits >>> 16 & 1; // ties to even
                yield Float.intBitsToFloat(bits + 0x7FFF + even & 0xFFFF0000);
            }
        };
    }
}
