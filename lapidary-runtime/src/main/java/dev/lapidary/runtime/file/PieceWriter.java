package dev.lapidary.runtime.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;

/** Writes bytes and memory of any size to a channel, from where the channel stands. */
public final class PieceWriter {
    private static final int PIECE = 1 << 20; // bytes

    private final FileChannel channel;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);

    /** Writes to a channel, which stays the caller's to close. */
    public PieceWriter(FileChannel channel) {
        this.channel = channel;
    }

    /** Writes memory, which may be on the heap. */
    public void write(MemorySegment data) throws IOException {
        write(data, written -> {});
    }

    /** Writes memory and hands over each piece that is written. */
    public void write(MemorySegment data, Consumer<ByteBuffer> seen) throws IOException {
        for (long at = 0; at < data.byteSize(); at += PIECE) {
            long length = Math.min(PIECE, data.byteSize() - at);
            piece.clear().limit((int) length);
            // by way of our own buffer: a heap segment of floats has no buffer of bytes
            MemorySegment.ofBuffer(piece).copyFrom(data.asSlice(at, length));
            seen.accept(piece.duplicate());
            write(piece);
        }
    }

    /** Writes what is left of a buffer. */
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
