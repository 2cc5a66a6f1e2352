package dev.lapidary.runtime.tensor;

import java.util.List;
import java.util.stream.LongStream;

/** Checked arithmetic on shapes. */
public final class Shapes {
    private Shapes() {}

    /** Returns sizes as a list. */
    public static List<Long> list(long... shape) {
        return LongStream.of(shape).boxed().toList();
    }

    /** Returns the bytes of a tensor, or -1 where a size is negative or the product does not fit 63 bits. */
    public static long bytes(List<Long> shape, long elementBytes) {
        long bytes = elementBytes;
        for (long size : shape) {
            if (size < 0 || Math.multiplyHigh(bytes, size) != 0 || bytes * size < 0) {
                return -1;
            }
            bytes *= size;
        }
        return bytes;
    }
}
