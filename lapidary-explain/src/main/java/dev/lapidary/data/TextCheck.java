package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Checks in one pass that a file is UTF-8 or UTF-16 and has no line beyond the limit, so that readers can rely on both. */
final class TextCheck {
    private static final int PIECE = 1 << 16; // bytes

    private final Path path;
    private final Charset charset;
    private final CharsetDecoder decoder;
    private final byte[] buffer = new byte[PIECE];
    private final CharBuffer decoded = CharBuffer.allocate(PIECE);
    private long line = 1;
    private long lineBytes;
    private long consumed; // bytes before the buffer

    /** Checks against UTF-8, UTF-16LE or UTF-16BE. */
    TextCheck(Path path, Charset charset) {
        this.path = path;
        this.charset = charset;
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    void run() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(buffer);
        try (FileChannel channel = FileChannel.open(path)) {
            boolean end = false;
            while (!end) {
                int before = bytes.position();
                end = channel.read(bytes) < 0;
                int filled = bytes.position();
                bytes.flip();
                decode(bytes, end);
                lines(before, filled);
                consumed += bytes.position();
                bytes.compact();
            }
        }
    }

    private void decode(ByteBuffer bytes, boolean end) {
        decoded.clear(); // never shorter than the bytes
        CoderResult result = decoder.decode(bytes, decoded, end);
        if (result.isError()) {
            int at = bytes.position();
            int value = bytes.get(at) & 0xff;
            lines(0, at);
            throw new InputException(String.format(
                    Locale.ROOT,
                    "%s: text must be %s; got byte 0x%02X at line %d (byte offset %d)",
                    path,
                    charset,
                    value,
                    line,
                    consumed + at));
        }
    }

    /** Whether the character that byte i ends is a line feed; wide characters never begin at an odd byte of the buffer. */
    private boolean endsLine(int i) {
        if (charset.equals(StandardCharsets.UTF_8)) {
            return buffer[i] == '\n';
        }
        boolean little = charset.equals(StandardCharsets.UTF_16LE);
        return i % 2 == 1 && buffer[little ? i - 1 : i] == '\n' && buffer[little ? i : i - 1] == 0;
    }

    private void lines(int from, int to) {
        for (int i = from; i < to; i++) {
            if (endsLine(i)) {
                line++;
                lineBytes = 0;
            } else if (++lineBytes >= DataReader.TEXT_LIMIT) {
                throw new InputException(
                        path + ": a line must be shorter than 1,000,000 bytes; got a longer one at line " + line);
            }
        }
    }
}
