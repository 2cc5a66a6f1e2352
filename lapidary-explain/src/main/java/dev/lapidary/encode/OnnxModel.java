package dev.lapidary.encode;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.InputException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs the network of a text encoder on texts of equal length, so that nothing is padded unless the network takes one length only.
 *
 * <p>Shapes: ids [b, l] int64; the network's answer [b, l, d] float32, pooled here, or [b, d] as {@link EmbeddingOutput} names it.
 */
final class OnnxModel implements AutoCloseable {
    private static final Set<String> KNOWN = Set.of("input_ids", "attention_mask", "token_type_ids");

    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final OrtSession session;
    private final ModelFolder folder;
    private final String output;
    private final boolean pooled;
    private final int width;
    private final int paddedLength;
    private final boolean oneByOne;

    private OnnxModel(OrtSession session, ModelFolder folder, NodeInfo output) throws OrtException {
        this.session = session;
        this.folder = folder;
        this.output = output.getName();
        long[] shape = ((TensorInfo) output.getInfo()).getShape();
        this.pooled = shape.length == 2;
        long last = shape[shape.length - 1];
        this.width = last > 0 ? Math.toIntExact(last) : folder.width().orElse(0);
        if (width == 0) {
            throw new InputException(folder.model() + ": the width of output " + this.output
                    + " must be in the model or as hidden_size in config.json; got neither");
        }
        long[] ids = idAxes(session, folder);
        this.oneByOne = ids[0] == 1;
        this.paddedLength = paddedLength(ids[1], folder);
    }

    /** Opens a model for a number of threads. */
    static OnnxModel open(ModelFolder folder, int threads) {
        return OnnxSessions.open(folder.model(), threads, session -> {
            requireInputs(session, folder);
            return new OnnxModel(session, folder, output(session, folder));
        });
    }

    private static void requireInputs(OrtSession session, ModelFolder folder) throws OrtException {
        Set<String> inputs = new TreeSet<>(session.getInputInfo().keySet());
        if (!inputs.contains("input_ids") || !KNOWN.containsAll(inputs)) {
            throw new InputException(folder.model()
                    + ": inputs must be input_ids and perhaps attention_mask and token_type_ids; got " + inputs);
        }
        for (NodeInfo input : session.getInputInfo().values()) {
            if (!(input.getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.INT64) {
                throw new InputException(folder.model() + ": inputs must be int64; got " + input);
            }
        }
    }

    /** The axes of input_ids, [b, l], each a size or negative where any will do. */
    private static long[] idAxes(OrtSession session, ModelFolder folder) throws OrtException {
        NodeInfo ids = Objects.requireNonNull(session.getInputInfo().get("input_ids"));
        long[] axes = ((TensorInfo) ids.getInfo()).getShape();
        if (axes.length != 2 || axes[0] > 1) {
            throw new InputException(folder.model()
                    + ": input_ids must have the axes [texts, tokens] with any number of texts, or 1; got "
                    + Arrays.toString(axes));
        }
        return axes;
    }

    private static int paddedLength(long axis, ModelFolder folder) {
        if (axis > 0 && (folder.padding().isEmpty() || axis != folder.maxTokens())) {
            throw new InputException(folder.model() + ": input_ids must take texts of any number of tokens"
                    + (folder.padding().isEmpty()
                            ? ""
                            : ", or of the " + folder.maxTokens() + " that its settings name")
                    + "; got " + axis);
        }
        boolean always = folder.padding().map(Padding::always).orElse(false);
        return axis > 0 || always ? folder.maxTokens() : 0;
    }

    private static NodeInfo output(OrtSession session, ModelFolder folder) throws OrtException {
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        NodeInfo pooled = outputs.get(folder.output().pooled());
        if (pooled != null && OnnxSessions.rank(pooled) == 2) {
            return pooled;
        }
        for (NodeInfo node : outputs.values()) {
            if (folder.output().pooling().isPresent() && OnnxSessions.rank(node) == 3) {
                return node;
            }
        }
        throw new InputException(
                folder.model() + ": outputs must be float32 " + folder.output().must() + "; got " + outputs.values());
    }

    int width() {
        return width;
    }

    /** Name of the output that is read. */
    String output() {
        return output;
    }

    /** Whether that is one embedding for each text already. */
    boolean pooled() {
        return pooled;
    }

    Set<String> inputs() throws OrtException {
        return session.getInputInfo().keySet();
    }

    /** The length to which every text must be padded, or 0 where none is. */
    int paddedLength() {
        return paddedLength;
    }

    /** The most texts of one run. */
    int largestBatch() {
        return oneByOne ? 1 : Integer.MAX_VALUE;
    }

    /** Embeds texts of one length into their rows of the matrix. */
    void embed(List<TokenRow> texts, EmbeddingMatrix matrix) {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (String name : session.getInputNames()) {
                inputs.put(name, tensor(environment, name, texts));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
                store((OnnxTensor) result.get(0), texts, matrix);
            }
        } catch (OrtException e) {
            throw new InputException(
                    folder.model() + ": the model must run on " + texts.size() + " texts of "
                            + texts.getFirst().ids().length + " tokens; got " + TokenizerFile.line(e),
                    e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    /** An input [b, l] by its name: ids, the mask of what is no padding, or the one type of all tokens. */
    static OnnxTensor tensor(OrtEnvironment environment, String input, List<TokenRow> texts) throws OrtException {
        int length = texts.getFirst().ids().length;
        long[] values = new long[texts.size() * length];
        for (int b = 0; b < texts.size(); b++) {
            TokenRow text = texts.get(b);
            switch (input) {
                case "input_ids" -> System.arraycopy(text.ids(), 0, values, b * length, length);
                case "attention_mask" -> Arrays.fill(values, b * length, b * length + text.tokens(), 1);
                default -> {} // token_type_ids are 0
            }
        }
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {texts.size(), length});
    }

    private void store(OnnxTensor answer, List<TokenRow> texts, EmbeddingMatrix matrix) {
        int length = texts.getFirst().ids().length;
        long[] shape = answer.getInfo().getShape();
        long[] expected = pooled ? new long[] {texts.size(), width} : new long[] {texts.size(), length, width};
        if (!Arrays.equals(shape, expected)) {
            throw new InputException(folder.model() + ": output " + output + " must have shape "
                    + Arrays.toString(expected) + "; got " + Arrays.toString(shape));
        }
        FloatBuffer values = answer.getFloatBuffer();
        float[] row = new float[width];
        for (int b = 0; b < texts.size(); b++) {
            if (pooled) {
                values.get(b * width, row);
            } else {
                folder.output().pooling().orElseThrow().pool(values, b * length * width, length, row);
            }
            OnnxSessions.finish(folder.model(), row, folder.normalise());
            matrix.set(texts.get(b).row(), row);
        }
    }

    @Override
    public void close() {
        OnnxSessions.close(folder.model(), session);
    }
}
