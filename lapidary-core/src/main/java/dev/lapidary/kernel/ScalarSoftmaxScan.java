package dev.lapidary.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The scalar twin. */
final class ScalarSoftmaxScan implements SoftmaxScan {
    private static float get(MemorySegment row, long offset, int i) {
        return row.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * i);
    }

    @Override
    public float largest(MemorySegment row, long offset, int count) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            float value = get(row, offset, i);
            largest = value > largest ? value : largest;
        }
        return largest;
    }

    @Override
    public float sumOfExponentials(MemorySegment row, long offset, int count, float shift) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(get(row, offset, i) - shift);
        }
        return (float) sum;
    }

    @Override
    public int select(MemorySegment row, long offset, int count, float bar, int first, Found found, int at) {
        int next = at;
        for (int i = 0; i < count; i++) {
            float value = get(row, offset, i);
            if (value >= bar) {
                found.places()[next] = first + i;
                found.numbers()[next] = value;
                next++;
            }
        }
        return next;
    }

    @Override
    public void add(MemorySegment to, long toOffset, MemorySegment from, long fromOffset, int count, float factor) {
        for (int i = 0; i < count; i++) {
            float sum = Math.fma(factor, get(from, fromOffset, i), get(to, toOffset, i));
            to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, toOffset + 4L * i, sum);
        }
    }
}
