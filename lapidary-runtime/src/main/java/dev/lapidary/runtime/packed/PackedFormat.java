package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Numbers of the packed format; docs/packed-format.md specifies it byte by byte. */
final class PackedFormat {
    /** The first eight bytes of a file. */
    static final byte[] MAGIC = "LAPIDARY".getBytes(StandardCharsets.US_ASCII);

    static final int VERSION = 1;

    /** Sections start at multiples of this number of bytes, a page. */
    static final int ALIGNMENT = 4096;

    /** Bytes of the prefix that are used; its own checksum ends it. */
    static final int PREFIX = 44;

    static final int VERSION_AT = 8;
    static final int HEADER_CHECKSUM_AT = 12;
    static final int HEADER_OFFSET_AT = 16;
    static final int HEADER_LENGTH_AT = 24;
    static final int FILE_LENGTH_AT = 32;
    static final int PREFIX_CHECKSUM_AT = 40;

    /** The longest header, in bytes. */
    static final long HEADER_LIMIT = 100_000_000L;

    /** The most weights of a tensor. */
    static final long MOST_WEIGHTS = 1L << 40;

    private static final long PIECE = 1L << 30;

    private PackedFormat() {}

    /** Returns where the next section starts. */
    static long align(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    static int checksum(MemorySegment bytes) {
        CRC32C sum = new CRC32C();
        for (long at = 0; at < bytes.byteSize(); at += PIECE) {
            sum.update(bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at)).asByteBuffer());
        }
        return (int) sum.getValue();
    }

    static int checksum(byte[] bytes) {
        return checksum(MemorySegment.ofArray(bytes));
    }

    /** Refuses a checksum that is another than the expected one. */
    static void requireChecksum(String what, int sum, int expected) {
        if (sum != expected) {
            throw new InputException("%s must have CRC-32C %08x; got %08x".formatted(what, expected, sum));
        }
    }
}
