package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.kernel.Bfloat16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Writes GGUF files, version 3, all or nothing, the same bytes for the same input. Rows are asked for one by one and in order, so
 * that a model is never in memory as a whole.
 */
public final class GgufWriter {
    private static final int PIECE = 1 << 20; // bytes

    /** Gives the rows of a tensor. */
    public interface Rows {
        /** Writes row [columns] as single precision to out. */
        void row(long row, float[] out);
    }

    /**
     * A tensor to write.
     *
     * @param type F32, F16, BF16 or Q8_0
     * @param shape outermost first, one to four sizes
     */
    public record Entry(String name, GgufType type, List<Long> shape, Rows rows) {
        /** Checks that rows are whole blocks. */
        public Entry {
            shape = List.copyOf(shape);
            if (type == GgufType.Q4_0) {
                throw new InputException(
                        "tensor '" + name + "' must be written as F32, F16, BF16 or Q8_0; got " + type);
            }
            if (shape.isEmpty() || shape.size() > 4 || GgufTensor.bytes(type, shape) < 0) {
                throw new InputException(
                        "tensor '" + name + "' must have one to four sizes and rows of whole blocks of "
                                + type.blockElements() + "; got " + shape);
            }
        }

        long bytes() {
            return GgufTensor.bytes(type, shape);
        }
    }

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    private long written;

    private GgufWriter(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Writes a file.
     *
     * @param metadata by key, without general.alignment
     * @param tensors with distinct names
     * @throws InputException where a number does not fit its type
     * @throws IOException where writing fails, for instance on a full disk; the file is then as it was before
     */
    public static void write(Path file, SequencedMap<String, GgufValue> metadata, List<Entry> tensors)
            throws IOException {
        if (metadata.containsKey(GgufHeader.ALIGNMENT)) {
            throw new IllegalArgumentException("the alignment must be the standard one; got another in the metadata");
        }
        Set<String> names = new HashSet<>();
        for (Entry tensor : tensors) {
            if (!names.add(tensor.name)) {
                throw new IllegalArgumentException("tensors must have distinct names; got two '" + tensor.name + "'");
            }
        }
        AtomicFiles.writeChannel(file, channel -> {
            GgufWriter writer = new GgufWriter(channel);
            writer.header(metadata, tensors);
            for (Entry tensor : tensors) {
                writer.align();
                writer.data(tensor);
            }
            writer.flush();
        });
    }

    private void header(SequencedMap<String, GgufValue> metadata, List<Entry> tensors) throws IOException {
        room(24).putInt(GgufHeader.MAGIC).putInt(3).putLong(tensors.size()).putLong(metadata.size());
        for (var value : metadata.entrySet()) {
            text(value.getKey());
            room(4).putInt(value.getValue().kind().code());
            value(value.getValue());
        }
        long offset = 0;
        for (Entry tensor : tensors) {
            text(tensor.name);
            room(4).putInt(tensor.shape.size());
            for (long size : tensor.shape.reversed()) {
                room(8).putLong(size);
            }
            room(12).putInt(tensor.type.code()).putLong(offset);
            offset = Math.addExact(offset, aligned(tensor.bytes()));
        }
    }

    private void value(GgufValue value) throws IOException {
        switch (value) {
            case GgufValue.Text(String text) -> text(text);
            case GgufValue.Truth(boolean truth) -> room(1).put((byte) (truth ? 1 : 0));
            case GgufValue.Whole(GgufKind kind, long whole) -> whole(kind, whole);
            case GgufValue.Number(GgufKind kind, double number) -> {
                if (kind == GgufKind.FLOAT32) {
                    room(4).putFloat((float) number);
                } else {
                    room(8).putDouble(number);
                }
            }
            case GgufValue.Items(GgufKind of, List<GgufValue> items) -> {
                room(12).putInt(of.code()).putLong(items.size());
                for (GgufValue item : items) {
                    value(item);
                }
            }
        }
    }

    private void whole(GgufKind kind, long whole) throws IOException {
        switch (kind) {
            case UINT8, INT8 -> room(1).put((byte) whole);
            case UINT16, INT16 -> room(2).putShort((short) whole);
            case UINT32, INT32 -> room(4).putInt((int) whole);
            default -> room(8).putLong(whole);
        }
    }

    private void text(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(8).putLong(utf8.length);
        for (int at = 0; at < utf8.length; at += PIECE) {
            int length = Math.min(PIECE, utf8.length - at);
            room(length).put(utf8, at, length);
        }
    }

    private void data(Entry tensor) throws IOException {
        int columns = Math.toIntExact(tensor.shape.getLast());
        long rows = 1;
        for (long size : tensor.shape.subList(0, tensor.shape.size() - 1)) {
            rows *= size;
        }
        float[] values = new float[columns];
        for (long row = 0; row < rows; row++) {
            tensor.rows.row(row, values);
            for (int at = 0; at < columns; at += tensor.type.blockElements()) {
                if (!block(tensor.type, values, at)) {
                    throw new InputException("tensor '" + tensor.name + "' must have numbers that fit " + tensor.type
                            + "; got one that does not in row " + row + " from column " + at);
                }
            }
        }
    }

    /** Writes one block, and says whether its numbers are finite and fit. */
    private boolean block(GgufType type, float[] values, int at) throws IOException {
        float value = values[at];
        return switch (type) {
            case F32 -> {
                room(4).putFloat(value);
                yield Float.isFinite(value);
            }
            case F16 -> {
                short half = Float.floatToFloat16(value);
                room(2).putShort(half);
                yield Float.isFinite(Float.float16ToFloat(half));
            }
            case BF16 -> {
                short upper = Bfloat16.narrow(value);
                room(2).putShort(upper);
                yield Float.isFinite(Bfloat16.widen(upper)) && Float.isFinite(value);
            }
            case Q8_0 -> bytes(values, at);
            case Q4_0 -> throw new IllegalStateException("Q4_0 must have been refused");
        };
    }

    /** One block of Q8_0: the largest is 127 or -127 steps. */
    private boolean bytes(float[] values, int at) throws IOException {
        float largest = 0;
        boolean finite = true;
        for (int i = at; i < at + 32; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
            finite &= Float.isFinite(values[i]);
        }
        float step = largest / 127;
        float inverse = step == 0 ? 0 : 1 / step;
        short half = Float.floatToFloat16(step);
        ByteBuffer out = room(34).putShort(half);
        for (int i = at; i < at + 32; i++) {
            float steps = values[i] * inverse;
            out.put((byte) (steps < 0 ? -Math.round(-steps) : Math.round(steps)));
        }
        return finite && Float.isFinite(Float.float16ToFloat(half));
    }

    private void align() throws IOException {
        while (written % GgufHeader.STANDARD_ALIGNMENT != 0) {
            room(1).put((byte) 0);
        }
    }

    private static long aligned(long bytes) {
        return Math.addExact(bytes, GgufHeader.STANDARD_ALIGNMENT - 1) & -GgufHeader.STANDARD_ALIGNMENT;
    }

    /** Returns the buffer with room for {@code bytes} bytes; the caller must put all of them. */
    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        written += bytes;
        return buffer;
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
