package dev.lapidary.image;

import dev.lapidary.runtime.InputException;

/** The bits of a lossless WebP, the lowest of each byte first; fails where there are no more. */
final class LosslessBits {
    private final ByteScan scan;
    private final long end; // bits
    private long at; // bits

    /** Begins at a byte. */
    LosslessBits(ByteScan scan, int begin, int length) {
        this.scan = scan;
        this.at = (long) begin * Byte.SIZE;
        this.end = (long) (begin + length) * Byte.SIZE;
    }

    /** The next bits, at most 24, without going on; zeros behind the end. */
    int peek(int count) {
        byte[] file = scan.file();
        int first = (int) (at >> 3);
        int last = (int) (end >> 3);
        int value = 0;
        for (int i = 0; i < Integer.BYTES && first + i < last; i++) {
            value |= (file[first + i] & 0xff) << (Byte.SIZE * i);
        }
        return (value >>> (at & 7)) & ((1 << count) - 1);
    }

    /** Goes on. */
    void skip(int count) {
        at += count;
        if (at > end) {
            throw corrupt("its data end before its picture");
        }
    }

    int read(int count) {
        int value = peek(count);
        skip(count);
        return value;
    }

    boolean flag() {
        return read(1) == 1;
    }

    InputException corrupt(String what) {
        return scan.corrupt(what);
    }
}
