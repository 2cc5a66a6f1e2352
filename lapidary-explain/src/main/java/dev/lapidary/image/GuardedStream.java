package dev.lapidary.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/** The bytes of a file for a decoder; hears when its thread is interrupted. */
final class GuardedStream extends ImageInputStreamImpl {
    private static final int CHECKED = 1 << 12; // calls between two looks at the thread

    private final byte[] bytes;
    private int calls;

    /** Reads bytes, which are not copied. */
    GuardedStream(byte[] bytes) {
        this.bytes = bytes;
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
    public long length() {
        return bytes.length;
    }
}
