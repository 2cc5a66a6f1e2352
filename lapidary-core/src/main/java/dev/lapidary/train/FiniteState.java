package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** Looks for values that are not finite, so that no checkpoint replaces a good one with them. */
final class FiniteState {
    private static final int F32_EXPONENT = 0x7F800000;
    private static final int F16_EXPONENT = 0x7C00;
    private static final int BF16_EXPONENT = 0x7F80;

    private FiniteState() {}

    /** Returns the name of the first tensor with a NaN or an infinity. */
    static Optional<String> offender(List<TensorView> state) {
        return state.stream()
                .filter(tensor -> !finite(tensor))
                .map(TensorView::name)
                .findFirst();
    }

    private static boolean finite(TensorView tensor) {
        MemorySegment data = tensor.data();
        return switch (tensor.dtype()) {
            case F64 -> finite64(data, tensor.count());
            case F32 -> finite32(data, tensor.count());
            case F16 -> finite16(data, tensor.count(), F16_EXPONENT);
            case BF16 -> finite16(data, tensor.count(), BF16_EXPONENT);
            case I64, I32, I16, I8, U8, BOOL -> true;
        };
    }

    private static boolean finite64(MemorySegment data, long count) {
        for (long i = 0; i < count; i++) {
            if (!Double.isFinite(data.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES))) {
                return false;
            }
        }
        return true;
    }

    private static boolean finite32(MemorySegment data, long count) {
        for (long i = 0; i < count; i++) {
            int bits = data.get(ValueLayout.JAVA_INT_UNALIGNED, i * Float.BYTES);
            if ((bits & F32_EXPONENT) == F32_EXPONENT) {
                return false;
            }
        }
        return true;
    }

    private static boolean finite16(MemorySegment data, long count, int exponent) {
        for (long i = 0; i < count; i++) {
            int bits = data.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES);
            if ((bits & exponent) == exponent) {
                return false;
            }
        }
        return true;
    }
}
