package dev.lapidary.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lapidary.onnx.OnnxRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The packaged encoder's own model file called for one text at a time, as its libraries offer it: the reference of {@link EmbedBench}.
 *
 * <p>all-MiniLM-L6-v2 in float32: mean over tokens, length 1. Closing frees the network and the tokenizer.
 */
final class SingleTextEncoder implements AutoCloseable {
    private static final int MOST_TOKENS = 256;

    private final HuggingFaceTokenizer tokenizer;
    private final OrtSession session;

    /**
     * Opens the model.
     *
     * @param threads of the network's operations
     * @param spinning whether idle threads wait in a busy loop, the library's default
     */
    SingleTextEncoder(int threads, boolean spinning) {
        try (InputStream model = resource("/all-minilm-l6-v2.onnx");
                InputStream words = resource("/all-minilm-l6-v2-tokenizer.json");
                var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
            session = OnnxRuntime.environment().createSession(model.readAllBytes(), options);
            tokenizer = HuggingFaceTokenizer.newInstance(
                    words,
                    Map.of("truncation", "true", "maxLength", Integer.toString(MOST_TOKENS), "padding", "false"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OrtException e) {
            throw new IllegalStateException("the packaged model must open; got " + e.getMessage(), e);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(SingleTextEncoder.class.getResourceAsStream(name), name);
    }

    /** Number of tokens of a text, special ones included. */
    int tokens(String text) {
        return tokenizer.encode(text).getIds().length;
    }

    /** The embedding of a text, [384]. */
    float[] embed(String text) {
        long[] ids = tokenizer.encode(text).getIds();
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try {
            inputs.put("input_ids", tensor(ids));
            inputs.put("attention_mask", tensor(ones));
            inputs.put("token_type_ids", tensor(new long[ids.length]));
            try (OrtSession.Result result = session.run(inputs)) {
                return unitMean(((OnnxTensor) result.get(0)).getFloatBuffer(), ids.length);
            }
        } catch (OrtException e) {
            throw new IllegalStateException("the packaged model must run; got " + e.getMessage(), e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(long[] values) throws OrtException {
        return OnnxTensor.createTensor(
                OnnxRuntime.environment(), LongBuffer.wrap(values), new long[] {1, values.length});
    }

    private static float[] unitMean(FloatBuffer tokens, int length) {
        float[] mean = new float[tokens.remaining() / length];
        float[] token = new float[mean.length];
        for (int t = 0; t < length; t++) {
            tokens.get(token);
            for (int j = 0; j < mean.length; j++) {
                mean[j] += token[j] / length;
            }
        }
        double squares = 0;
        for (float value : mean) {
            squares += (double) value * value;
        }
        for (int j = 0; j < mean.length; j++) {
            mean[j] = (float) (mean[j] / Math.sqrt(squares));
        }
        return mean;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the model must be releasable", e);
        } finally {
            tokenizer.close();
        }
    }
}
