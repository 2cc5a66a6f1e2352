package dev.lapidary.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The bytes of a file for a decoder: hears when its thread is interrupted, and fails where a decoder goes on behind the end.
 *
 * <p>The decoder of lossless WebP reads eight bytes ahead and takes the end of the data for data, a bit at a time and with an exception
 * for each: 624 bytes took 46 s, and half a file was taken for a whole one. So it gets room to read ahead behind the end, and fails
 * when it sets out from there, which it does with the eighth bit that there is not.
 */
final class GuardedStream extends ImageInputStreamImpl {
    private static final int AHEAD = 16; // bytes that a decoder may look at behind the end
    private static final int CHECKED = 1 << 12; // calls between two looks at the thread

    private final byte[] bytes;
    private final int end;
    private int calls;

    private GuardedStream(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /** Bytes whose end is the end of the stream. */
    static GuardedStream of(byte[] bytes) {
        return new GuardedStream(bytes, bytes.length);
    }

    /** Bytes with room behind them for a decoder that reads ahead. */
    static GuardedStream withRoom(byte[] bytes) {
        return new GuardedStream(Arrays.copyOf(bytes, bytes.length + AHEAD), bytes.length);
    }

    private void check() throws IOException {
        if (++calls % CHECKED == 0 && Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("decoding was stopped");
        }
    }

    @Override
    public int read() throws IOException {
        check();
        bitOffset = 0;
        return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        check();
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        int count = (int) Math.min(length, bytes.length - streamPos);
        if (count <= 0) {
            return -1;
        }
        System.arraycopy(bytes, (int) streamPos, target, from, count);
        streamPos += count;
        return count;
    }

    @Override
    public void seek(long position) throws IOException {
        check();
        if (position > end) {
            throw new IOException("its data end before its picture");
        }
        super.seek(position);
    }

    @Override
    public long length() {
        return bytes.length;
    }
}
