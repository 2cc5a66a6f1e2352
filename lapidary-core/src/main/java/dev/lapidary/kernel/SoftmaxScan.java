package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.Simd;
import java.lang.foreign.MemorySegment;

/**
 * The passes of {@link SoftmaxFilter} over a row of floats in a segment: a Vector API body and its scalar twin. Offsets are bytes.
 */
sealed interface SoftmaxScan permits VectorSoftmaxScan, ScalarSoftmaxScan {
    /** Returns the vector body where SIMD is on, otherwise the twin. */
    static SoftmaxScan best() {
        return Simd.on() ? new VectorSoftmaxScan() : new ScalarSoftmaxScan();
    }

    /** Returns the largest of count numbers, which NaN is not. */
    float largest(MemorySegment row, long offset, int count);

    /** Returns Σ exp(number − shift), where no number is above the shift. */
    float sumOfExponentials(MemorySegment row, long offset, int count, float shift);

    /**
     * Notes which numbers are at least a bar.
     *
     * @param first what the first number's place is called
     * @param found takes places and numbers, from {@code at} on
     * @return where the next would be noted
     */
    int select(MemorySegment row, long offset, int count, float bar, int first, Found found, int at);

    /** Adds factor · from[j] to to[j], each rounded once. */
    void add(MemorySegment to, long toOffset, MemorySegment from, long fromOffset, int count, float factor);

    /**
     * Places and numbers, side by side.
     *
     * @param places of the numbers
     * @param numbers at these places
     */
    @SuppressWarnings("ArrayRecordComponent") // filled here
    record Found(int[] places, float[] numbers) {}
}
