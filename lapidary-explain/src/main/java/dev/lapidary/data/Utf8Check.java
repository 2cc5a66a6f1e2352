package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Checks in one pass that a file is UTF-8 and has no line beyond the limit, so that readers can rely on both. */
final class Utf8Check {
    private static final int PIECE = 1 << 16; // bytes

    private final Path path;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final byte[] buffer = new byte[PIECE];
    private final CharBuffer decoded = CharBuffer.allocate(PIECE);
    private long line = 1;
    private long lineBytes;
    private long consumed; // bytes before the buffer

    private Utf8Check(Path path) {
        this.path = path;
    }

    static void check(Path path) throws IOException {
        new Utf8Check(path).run();
    }

    private void run() throws IOException {
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
                    "%s: text must be UTF-8; got byte 0x%02X at line %d (byte offset %d)",
                    path,
                    value,
                    line,
                    consumed + at));
        }
    }

    private void lines(int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] == '\n') {
                line++;
                lineBytes = 0;
            } else if (++lineBytes >= DataReader.TEXT_LIMIT) {
                throw new InputException(
                        path + ": a line must be shorter than 1,000,000 bytes; got a longer one at line " + line);
            }
        }
    }
}
