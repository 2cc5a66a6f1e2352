package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file of text: UTF-8 with or without a byte order mark, or UTF-16 with one, as spreadsheets write it.
 *
 * @param charset without its mark
 * @param mark bytes of the mark, 0 where there is none
 */
record TextFile(Path path, Charset charset, int mark) {
    private static final byte[] UTF_8_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final byte[] LITTLE_MARK = {(byte) 0xff, (byte) 0xfe};
    private static final byte[] BIG_MARK = {(byte) 0xfe, (byte) 0xff};

    /** Tells the encoding by the first bytes. */
    static TextFile of(Path path) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(path)) {
            head = in.readNBytes(UTF_8_MARK.length);
        }
        if (Arrays.equals(head, UTF_8_MARK)) {
            return new TextFile(path, StandardCharsets.UTF_8, UTF_8_MARK.length);
        }
        byte[] two = Arrays.copyOf(head, 2);
        if (head.length >= 2 && Arrays.equals(two, LITTLE_MARK)) {
            return new TextFile(path, StandardCharsets.UTF_16LE, 2);
        }
        if (head.length >= 2 && Arrays.equals(two, BIG_MARK)) {
            return new TextFile(path, StandardCharsets.UTF_16BE, 2);
        }
        if (head.length >= 2 && (two[0] == 0) != (two[1] == 0)) {
            throw new InputException(
                    path + ": text must be UTF-8, or UTF-16 with a byte order mark; got UTF-16 without one");
        }
        return new TextFile(path, StandardCharsets.UTF_8, 0);
    }

    /**
     * Tells the encoding, and checks in one pass that all of the file is in it and that no line is beyond the limit.
     *
     * @throws InputException naming the place where it is not
     */
    static TextFile check(Path path) throws IOException {
        TextFile file = of(path);
        new TextCheck(path, file.charset).run();
        return file;
    }

    /** Reads the text behind the mark; the caller closes the reader. */
    BufferedReader open() throws IOException {
        InputStream in = Files.newInputStream(path);
        in.skipNBytes(mark);
        return new BufferedReader(new InputStreamReader(in, charset));
    }

    /** The whole text behind the mark. */
    String text() throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        return new String(bytes, mark, bytes.length - mark, charset);
    }
}
