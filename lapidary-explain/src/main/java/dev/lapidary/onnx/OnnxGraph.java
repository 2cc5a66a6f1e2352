package dev.lapidary.onnx;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A network to be written as an ONNX model: inputs, constants, nodes in the order in which they run, and outputs.
 *
 * <pre>{@code
 * new OnnxGraph("doubles")
 *         .input("x", OnnxGraph.Element.FLOAT, "batch", 3)
 *         .constant("two", new float[] {2})
 *         .node("Mul", List.of("x", "two"), "y")
 *         .output("y", "batch", 3)
 *         .write(folder.resolve("model.onnx"));
 * }</pre>
 *
 * <p>Names are the caller's; what reads the file checks that they fit together. Operators are those of {@value #OPERATORS}, which
 * ONNX Runtime has read since 2020.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto, where the numbers of the fields stand</a>
 */
public final class OnnxGraph {
    private static final int OPERATORS = 13; // version of the operator set
    private static final int FORMAT = 7; // version of the file format that came with it

    // fields of ModelProto
    private static final int MODEL_FORMAT = 1;
    private static final int MODEL_PRODUCER = 2;
    static final int MODEL_GRAPH = 7;
    private static final int MODEL_OPERATORS = 8;
    // fields of GraphProto
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_NAME = 2;
    static final int GRAPH_CONSTANT = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;

    // fields of TensorProto
    static final int TENSOR_SIZE = 1;
    static final int TENSOR_TYPE = 2;
    static final int TENSOR_NAME = 8;
    static final int TENSOR_RAW = 9;

    private final Protobuf graph = new Protobuf();

    /** The type of a tensor's numbers. */
    public enum Element {
        /** float32. */
        FLOAT(1),
        /** int64. */
        INT64(7);

        private final int code;

        Element(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** A value that belongs to a node itself, such as an axis. */
    public sealed interface Attribute {
        /** The attribute's name. */
        String name();

        /** A whole number. */
        @SuppressWarnings("AvoidCommonTypeNames")
        record Number(String name, long value) implements Attribute {}

        /** Whole numbers. */
        record Numbers(String name, List<Long> values) implements Attribute {}
    }

    /** Begins a network of a name. */
    public OnnxGraph(String name) {
        graph.text(GRAPH_NAME, name);
    }

    /** Returns an attribute of one whole number. */
    public static Attribute number(String name, long value) {
        return new Attribute.Number(name, value);
    }

    /** Returns an attribute of whole numbers. */
    public static Attribute numbers(String name, long... values) {
        return new Attribute.Numbers(name, Arrays.stream(values).boxed().toList());
    }

    /**
     * Adds an input.
     *
     * @param dimensions its axes, each a size or the name of a size that may vary
     */
    public OnnxGraph input(String input, Element type, Object... dimensions) {
        graph.message(GRAPH_INPUT, value(input, type, dimensions));
        return this;
    }

    /** Adds an output of float32, with axes as an input has them. */
    public OnnxGraph output(String output, Object... dimensions) {
        graph.message(GRAPH_OUTPUT, value(output, Element.FLOAT, dimensions));
        return this;
    }

    /** Adds a constant of float32, row-major; without a shape it is one-dimensional. */
    public OnnxGraph constant(String constant, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return constant(constant, Element.FLOAT, values.length, raw, shape);
    }

    /** Adds a constant of int64, row-major; without a shape it is one-dimensional. */
    public OnnxGraph constant(String constant, long[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(Math.multiplyExact(values.length, Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return constant(constant, Element.INT64, values.length, raw, shape);
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated whole by the callers above
    private OnnxGraph constant(String constant, Element type, int count, ByteBuffer raw, long[] shape) {
        long[] sizes = shape.length == 0 ? new long[] {count} : shape;
        if (Arrays.stream(sizes).reduce(1, Math::multiplyExact) != count) {
            throw new IllegalArgumentException(constant + ": values must fill the shape; got " + count
                    + " values, shape " + Arrays.toString(sizes));
        }
        Protobuf tensor = new Protobuf();
        for (long size : sizes) {
            tensor.number(TENSOR_SIZE, size);
        }
        tensor.number(TENSOR_TYPE, type.code).text(TENSOR_NAME, constant).bytes(TENSOR_RAW, raw.array());
        graph.message(GRAPH_CONSTANT, tensor);
        return this;
    }

    /**
     * Adds a node with one output.
     *
     * @param operator as ONNX calls it, such as Conv
     * @param inputs names of inputs, constants or outputs of earlier nodes
     */
    public OnnxGraph node(String operator, List<String> inputs, String output, Attribute... attributes) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(3, output).text(4, operator);
        for (Attribute attribute : attributes) {
            node.message(5, attribute(attribute));
        }
        graph.message(GRAPH_NODE, node);
        return this;
    }

    private static Protobuf attribute(Attribute attribute) {
        Protobuf message = new Protobuf().text(1, attribute.name());
        switch (attribute) {
            case Attribute.Number(String ignored, long value) ->
                message.number(3, value).number(20, 2);
            case Attribute.Numbers(String ignored, List<Long> values) -> {
                values.forEach(value -> message.number(8, value));
                message.number(20, 7);
            }
        }
        return message;
    }

    private static Protobuf value(String name, Element type, Object... dimensions) {
        Protobuf shape = new Protobuf();
        for (Object dimension : dimensions) {
            Protobuf axis = dimension instanceof Number size
                    ? new Protobuf().number(1, size.longValue())
                    : new Protobuf().text(2, dimension.toString());
            shape.message(1, axis);
        }
        Protobuf tensor = new Protobuf().number(1, type.code).message(2, shape);
        return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
    }

    /** Returns the model's bytes. */
    public byte[] toBytes() {
        return new Protobuf()
                .number(MODEL_FORMAT, FORMAT)
                .text(MODEL_PRODUCER, "lapidary")
                .message(MODEL_GRAPH, graph)
                .message(MODEL_OPERATORS, new Protobuf().text(1, "").number(2, OPERATORS))
                .toBytes();
    }

    /** Writes the model to a file, which is whole or not there. */
    public void write(Path file) throws IOException {
        AtomicFiles.write(file, temporary -> Files.write(temporary, toBytes()));
    }

    /**
     * Writes another model followed by this network, whose nodes may read what that model computes; outputs of both can be asked
     * for. By the rules of protocol buffers two graphs in one file are one graph that has the nodes of both, so that the other
     * model is copied as it is and never read. Operators are then of the version that the other model names.
     */
    public void appendTo(Path model, Path file) throws IOException {
        byte[] more = new Protobuf().message(MODEL_GRAPH, graph).toBytes();
        AtomicFiles.write(file, temporary -> {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                Files.copy(model, out);
                out.write(more);
            }
        });
    }
}
