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
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs the network of a sentence encoder on texts of equal length, so that nothing is ever padded.
 *
 * <p>Shapes: ids [b, l] int64; the network's answer [b, l, d] float32, pooled here, or an output {@code sentence_embedding} [b, d].
 */
final class OnnxModel implements AutoCloseable {
    private static final Set<String> KNOWN = Set.of("input_ids", "attention_mask", "token_type_ids");
    private static final String SENTENCE = "sentence_embedding";

    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final OrtSession session;
    private final ModelFolder folder;
    private final String output;
    private final boolean pooled;
    private final int width;

    private OnnxModel(OrtSession session, ModelFolder folder, String output, TensorInfo info) throws OrtException {
        this.session = session;
        this.folder = folder;
        this.output = output;
        long[] shape = info.getShape();
        this.pooled = shape.length == 2;
        long last = shape[shape.length - 1];
        this.width = last > 0 ? Math.toIntExact(last) : folder.width().orElse(0);
        if (width == 0) {
            throw new InputException(folder.model() + ": the width of output " + output
                    + " must be in the model or as hidden_size in config.json; got neither");
        }
    }

    /**
     * Opens a model for a number of threads.
     *
     * <p>Idle threads sleep instead of spinning: a spinning pool takes the cores from whatever runs after the encoding.
     */
    static OnnxModel open(ModelFolder folder, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session =
                    OnnxRuntime.environment().createSession(folder.model().toString(), options);
            try {
                requireInputs(session, folder);
                NodeInfo output = output(session, folder);
                return new OnnxModel(session, folder, output.getName(), (TensorInfo) output.getInfo());
            } catch (OrtException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new InputException(
                    folder.model() + ": must be a model that ONNX Runtime opens; got " + TokenizerFile.line(e), e);
        }
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

    private static NodeInfo output(OrtSession session, ModelFolder folder) throws OrtException {
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        NodeInfo sentence = outputs.get(SENTENCE);
        if (sentence != null && rank(sentence) == 2) {
            return sentence;
        }
        for (NodeInfo node : outputs.values()) {
            if (rank(node) == 3) {
                return node;
            }
        }
        throw new InputException(folder.model()
                + ": outputs must be float32 token embeddings [b, l, d] or sentence_embedding [b, d]; got "
                + outputs.values());
    }

    private static int rank(NodeInfo node) {
        return node.getInfo() instanceof TensorInfo info && info.type == OnnxJavaType.FLOAT
                ? info.getShape().length
                : -1;
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

    /**
     * Embeds texts of one length.
     *
     * @param ids one array of length l per text
     * @param rows row of the matrix that each text goes to
     */
    void embed(List<long[]> ids, int[] rows, EmbeddingMatrix matrix) {
        int texts = ids.size();
        int length = ids.getFirst().length;
        long[] flat = new long[texts * length];
        for (int b = 0; b < texts; b++) {
            System.arraycopy(ids.get(b), 0, flat, b * length, length);
        }
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            for (String name : session.getInputNames()) {
                inputs.put(name, tensor(values(name, flat), texts, length));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
                store((OnnxTensor) result.get(0), length, rows, matrix);
            }
        } catch (OrtException e) {
            throw new IllegalStateException(
                    folder.model() + ": the encoder must run on " + texts + " texts of " + length + " tokens", e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static long[] values(String input, long[] ids) {
        if (input.equals("input_ids")) {
            return ids;
        }
        long[] values = new long[ids.length];
        Arrays.fill(values, input.equals("attention_mask") ? 1 : 0);
        return values;
    }

    private OnnxTensor tensor(long[] values, int texts, int length) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {texts, length});
    }

    private void store(OnnxTensor answer, int length, int[] rows, EmbeddingMatrix matrix) {
        long[] shape = answer.getInfo().getShape();
        long[] expected = pooled ? new long[] {rows.length, width} : new long[] {rows.length, length, width};
        if (!Arrays.equals(shape, expected)) {
            throw new InputException(folder.model() + ": output " + output + " must have shape "
                    + Arrays.toString(expected) + "; got " + Arrays.toString(shape));
        }
        FloatBuffer values = answer.getFloatBuffer();
        float[] row = new float[width];
        for (int b = 0; b < rows.length; b++) {
            if (pooled) {
                values.get(b * width, row);
            } else {
                folder.pooling().pool(values, b * length * width, length, row);
            }
            finish(row);
            matrix.set(rows[b], row);
        }
    }

    /** Scales to length 1 where the encoder says so; a zero embedding stays zero. */
    private void finish(float[] row) {
        double sum = 0;
        for (float value : row) {
            sum += (double) value * value;
        }
        if (!Double.isFinite(sum)) {
            throw new IllegalStateException(folder.model() + ": embeddings must be finite; got NaN or infinity");
        }
        double norm = Math.sqrt(sum);
        for (int j = 0; folder.normalise() && norm > 0 && j < row.length; j++) {
            row[j] = (float) (row[j] / norm);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(folder.model() + ": the model must be releasable", e);
        }
    }
}
