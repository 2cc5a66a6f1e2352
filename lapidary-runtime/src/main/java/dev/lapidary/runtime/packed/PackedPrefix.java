package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.FileMagic;
import dev.lapidary.runtime.tensor.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first bytes of a packed file, which say how long it is and where its header stands. */
final class PackedPrefix {
    private final String where;
    private final MemorySegment bytes;

    private PackedPrefix(String where, MemorySegment bytes) {
        this.where = where;
        this.bytes = bytes;
    }

    /** Returns the prefix of a file whose header starts at an offset and ends it. */
    static ByteBuffer of(byte[] header, long at) {
        ByteBuffer prefix = ByteBuffer.allocate(PackedFormat.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        prefix.put(PackedFormat.MAGIC).putInt(PackedFormat.VERSION).putInt(PackedFormat.checksum(header));
        prefix.putLong(at).putLong(header.length).putLong(at + header.length);
        MemorySegment before = MemorySegment.ofArray(prefix.array()).asSlice(0, PackedFormat.PREFIX_CHECKSUM_AT);
        return prefix.putInt(PackedFormat.checksum(before)).flip();
    }

    /**
     * Checks the prefix of a whole file and reads the header that it leads to.
     *
     * @param where the file, with which errors begin
     */
    static PackedHeader header(String where, MemorySegment bytes) {
        PackedPrefix prefix = new PackedPrefix(where, bytes);
        prefix.requireVersion();
        prefix.requireLength();
        return prefix.header();
    }

    private void requireVersion() {
        if (bytes.byteSize() < PackedFormat.PREFIX || !FileMagic.begins(bytes, PackedFormat.MAGIC)) {
            throw new InputException(where + ": a packed file must begin with LAPIDARY; got another one");
        }
        int version = number(PackedFormat.VERSION_AT);
        if (version != PackedFormat.VERSION) {
            throw new InputException(where + ": the version must be " + PackedFormat.VERSION + "; got "
                    + Integer.toUnsignedString(version) + ", from a newer Lapidary?");
        }
        requireChecksum(
                "prefix at offset 0",
                bytes.asSlice(0, PackedFormat.PREFIX_CHECKSUM_AT),
                number(PackedFormat.PREFIX_CHECKSUM_AT));
    }

    private void requireLength() {
        long length = size(PackedFormat.FILE_LENGTH_AT);
        if (length != bytes.byteSize()) {
            throw new InputException(where + ": must have " + length + " bytes; got one that ends at offset "
                    + bytes.byteSize() + (bytes.byteSize() < length ? ", cut off" : ""));
        }
    }

    private PackedHeader header() {
        long length = bytes.byteSize();
        long at = size(PackedFormat.HEADER_OFFSET_AT);
        long count = size(PackedFormat.HEADER_LENGTH_AT);
        if (at < PackedFormat.ALIGNMENT
                || count < 2
                || count > PackedFormat.HEADER_LIMIT
                || at > length - count
                || at + count != length) {
            throw new InputException(where + ": the header must end the file's " + length + " bytes; got offset " + at
                    + " and length " + count);
        }
        MemorySegment json = bytes.asSlice(at, count);
        requireChecksum("header at offset " + at, json, number(PackedFormat.HEADER_CHECKSUM_AT));
        return PackedHeader.parse(where, json.toArray(ValueLayout.JAVA_BYTE), at);
    }

    private void requireChecksum(String what, MemorySegment part, int expected) {
        PackedFormat.requireChecksum(where + ": " + what, PackedFormat.checksum(part), expected);
    }

    private int number(long at) {
        return bytes.get(Elements.INT, at);
    }

    private long size(long at) {
        return bytes.get(Elements.LONG, at);
    }
}
