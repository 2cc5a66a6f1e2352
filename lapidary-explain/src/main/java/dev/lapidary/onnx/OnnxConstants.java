package dev.lapidary.onnx;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The float32 constants of an ONNX model that keeps its numbers in the file itself, as {@link OnnxGraph} writes it.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto, where the numbers of the fields stand</a>
 */
public final class OnnxConstants {
    private static final long LARGEST_FILE = 1L << 30; // bytes
    private static final int MOST_SIZES = 8;

    private final Path file;
    private final Map<String, Constant> constants = new LinkedHashMap<>();

    /** A constant: its sizes, slowest first, and its values, row-major. */
    @SuppressWarnings("ArrayRecordComponent") // read once, handed on
    public record Constant(List<Long> shape, float[] values) {}

    private OnnxConstants(Path file) {
        this.file = file;
    }

    /**
     * Reads the constants of a model by name; those of other types than float32 are left out.
     *
     * @throws InputException where the file is cut off, malformed or larger than 1 GiB
     */
    public static Map<String, Constant> read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_FILE) {
                throw new InputException(file + ": must be an ONNX file of at most " + LARGEST_FILE + " bytes; got "
                        + (Files.isRegularFile(file) ? Files.size(file) + " bytes" : "no file"));
            }
            OnnxConstants found = new OnnxConstants(file);
            found.model(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
            return found.constants;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private InputException malformed(String what) {
        return new InputException(file + ": must be a whole ONNX model; got " + what);
    }

    /** What is done with a field: its number, and its bytes or its value. */
    private interface Field {
        void take(int number, ByteBuffer bytes, long value);
    }

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private void fields(ByteBuffer message, Field field) {
        while (message.hasRemaining()) {
            long key = varint(message);
            int number = (int) (key >>> 3);
            switch ((int) (key & 7)) {
                case 0 -> field.take(number, NONE, varint(message));
                case 1 -> field.take(number, NONE, skipped(message, Long.BYTES));
                case 2 -> field.take(number, part(message), 0);
                case 5 -> field.take(number, NONE, skipped(message, Integer.BYTES));
                default -> throw malformed("a field of an unknown kind");
            }
        }
    }

    private long skipped(ByteBuffer message, int bytes) {
        if (message.remaining() < bytes) {
            throw malformed("a field that is cut off");
        }
        message.position(message.position() + bytes);
        return 0;
    }

    private ByteBuffer part(ByteBuffer message) {
        long length = varint(message);
        if (length < 0 || length > message.remaining()) {
            throw malformed("a field of " + length + " bytes where " + message.remaining() + " are left");
        }
        ByteBuffer part = message.slice(message.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        message.position(message.position() + (int) length);
        return part;
    }

    private long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (!message.hasRemaining()) {
                throw malformed("a number that is cut off");
            }
            byte next = message.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number of more than 10 bytes");
    }

    private void model(ByteBuffer model) {
        fields(model, (number, bytes, value) -> {
            if (number == OnnxGraph.MODEL_GRAPH) {
                fields(bytes, (inner, constant, ignored) -> {
                    if (inner == OnnxGraph.GRAPH_CONSTANT) {
                        constant(constant);
                    }
                });
            }
        });
    }

    /** A tensor as its fields come. */
    private static final class Parts {
        private final List<Long> shape = new ArrayList<>();
        private String name = "";
        private long type;
        private ByteBuffer raw = NONE;
    }

    private void constant(ByteBuffer tensor) {
        Parts parts = new Parts();
        fields(tensor, (number, bytes, value) -> {
            switch (number) {
                case OnnxGraph.TENSOR_SIZE -> size(parts, bytes, value);
                case OnnxGraph.TENSOR_TYPE -> parts.type = value;
                case OnnxGraph.TENSOR_NAME ->
                    parts.name = StandardCharsets.UTF_8.decode(bytes).toString();
                case OnnxGraph.TENSOR_RAW -> parts.raw = bytes;
                default -> {} // such as a remark
            }
        });
        if (parts.type == OnnxGraph.Element.FLOAT.code()) {
            put(parts);
        }
    }

    /** Sizes come one by one or, packed, all in one field. */
    @SuppressWarnings("ReferenceEquality") // NONE stands for no bytes at all
    private void size(Parts parts, ByteBuffer packed, long value) {
        if (packed == NONE) {
            parts.shape.add(value);
        }
        while (packed.hasRemaining()) {
            parts.shape.add(varint(packed));
        }
        if (parts.shape.size() > MOST_SIZES) {
            throw malformed("a constant of more than " + MOST_SIZES + " axes");
        }
    }

    private void put(Parts parts) {
        long count = 1;
        for (long size : parts.shape) {
            if (size < 0 || size > LARGEST_FILE || count * size > LARGEST_FILE) {
                throw malformed(parts.name + " of shape " + parts.shape);
            }
            count *= size;
        }
        if (parts.raw.remaining() != count * Float.BYTES) {
            throw malformed(
                    parts.name + " of shape " + parts.shape + " with " + parts.raw.remaining() + " bytes of its own");
        }
        float[] values = new float[(int) count];
        parts.raw.asFloatBuffer().get(values);
        constants.put(parts.name, new Constant(List.copyOf(parts.shape), values));
    }
}
