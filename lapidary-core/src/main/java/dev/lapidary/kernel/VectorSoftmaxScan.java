package dev.lapidary.kernel;

import static dev.lapidary.runtime.kernel.VectorFloats.LANES;
import static dev.lapidary.runtime.kernel.VectorFloats.SPECIES;

import dev.lapidary.runtime.kernel.VectorFloats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The Vector API body; what does not fill a vector is left to the twin. */
final class VectorSoftmaxScan implements SoftmaxScan {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private final ScalarSoftmaxScan rest = new ScalarSoftmaxScan();

    private static FloatVector load(MemorySegment row, long offset) {
        return FloatVector.fromMemorySegment(SPECIES, row, offset, ORDER);
    }

    @Override
    public float largest(MemorySegment row, long offset, int count) {
        FloatVector one = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector two = one;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            one = VectorFloats.larger(one, load(row, offset + 4L * i));
            two = VectorFloats.larger(two, load(row, offset + 4L * (i + LANES)));
        }
        float largest = rest.largest(row, offset + 4L * i, count - i);
        return Math.max(largest, VectorFloats.larger(one, two).reduceLanes(VectorOperators.MAX));
    }

    @Override
    public float sumOfExponentials(MemorySegment row, long offset, int count, float shift) {
        FloatVector one = FloatVector.zero(SPECIES);
        FloatVector two = one;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            one = one.add(VectorFloats.exp(load(row, offset + 4L * i).sub(shift)));
            two = two.add(VectorFloats.exp(load(row, offset + 4L * (i + LANES)).sub(shift)));
        }
        return VectorFloats.sum(one.add(two)) + rest.sumOfExponentials(row, offset + 4L * i, count - i, shift);
    }

    @Override
    public int select(MemorySegment row, long offset, int count, float bar, int first, Found found, int at) {
        int next = at;
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            VectorMask<Float> above = load(row, offset + 4L * i).compare(VectorOperators.GE, bar);
            for (long bits = above.toLong(); bits != 0; bits &= bits - 1) {
                int place = i + Long.numberOfTrailingZeros(bits);
                found.places()[next] = first + place;
                found.numbers()[next] = row.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * place);
                next++;
            }
        }
        return rest.select(row, offset + 4L * i, count - i, bar, first + i, found, next);
    }

    @Override
    public void add(MemorySegment to, long toOffset, MemorySegment from, long fromOffset, int count, float factor) {
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        int i = 0;
        for (; i <= count - LANES; i += LANES) {
            load(from, fromOffset + 4L * i)
                    .fma(factors, load(to, toOffset + 4L * i))
                    .intoMemorySegment(to, toOffset + 4L * i, ORDER);
        }
        rest.add(to, toOffset + 4L * i, from, fromOffset + 4L * i, count - i, factor);
    }
}
