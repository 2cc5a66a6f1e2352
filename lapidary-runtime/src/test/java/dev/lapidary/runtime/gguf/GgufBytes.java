package dev.lapidary.runtime.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes GGUF files field by field, whether they make sense or not. */
final class GgufBytes {
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    /** Begins with the magic, a version and counts. */
    static GgufBytes header(int version, long tensors, long values) {
        return new GgufBytes().raw("GGUF").u32(version).u64(tensors).u64(values);
    }

    GgufBytes raw(String text) {
        bytes.put(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    GgufBytes u8(int... values) {
        for (int value : values) {
            bytes.put((byte) value);
        }
        return this;
    }

    GgufBytes u16(int value) {
        bytes.putShort((short) value);
        return this;
    }

    GgufBytes u32(int value) {
        bytes.putInt(value);
        return this;
    }

    GgufBytes u64(long value) {
        bytes.putLong(value);
        return this;
    }

    GgufBytes f32(float value) {
        bytes.putFloat(value);
        return this;
    }

    GgufBytes f64(double value) {
        bytes.putDouble(value);
        return this;
    }

    GgufBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        u64(utf8.length);
        bytes.put(utf8);
        return this;
    }

    /** A tensor's entry with its sizes innermost first. */
    GgufBytes tensor(String name, int type, long offset, long... sizes) {
        text(name).u32(sizes.length);
        for (long size : sizes) {
            u64(size);
        }
        return u32(type).u64(offset);
    }

    GgufBytes align(int alignment) {
        while (bytes.position() % alignment != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    int length() {
        return bytes.position();
    }

    Path write(Path file) throws IOException {
        return write(file, bytes.position());
    }

    Path write(Path file, int length) throws IOException {
        return Files.write(file, java.util.Arrays.copyOf(bytes.array(), length));
    }
}
