package dev.lapidary.encode;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;

/** Opens models with ONNX Runtime. */
final class OnnxSessions {
    private OnnxSessions() {}

    /** What is made of a session that was opened. */
    @FunctionalInterface
    interface Use<T> {
        T of(OrtSession session) throws OrtException;
    }

    /**
     * Opens a model for a number of threads; closes it where what is made of it fails.
     *
     * <p>Idle threads sleep instead of spinning: a spinning pool takes the cores from whatever runs after the encoding.
     */
    static <T> T open(Path model, int threads, Use<T> use) {
        OrtEnvironment environment =
                OnnxRuntime.environment(); // before any other class of ONNX Runtime, which would unpack it
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session = environment.createSession(model.toString(), options);
            try {
                return use.of(session);
            } catch (OrtException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new InputException(
                    model + ": must be a model that ONNX Runtime opens; got " + TokenizerFile.line(e), e);
        }
    }

    /** The number of axes of a float32 tensor; -1 for anything else. */
    static int rank(NodeInfo node) {
        return node.getInfo() instanceof TensorInfo info && info.type == OnnxJavaType.FLOAT
                ? info.getShape().length
                : -1;
    }

    /** Scales an embedding [d] to length 1 where that is asked for; a zero embedding stays zero. */
    static void finish(Path model, float[] row, boolean normalise) {
        double sum = 0;
        for (float value : row) {
            sum += (double) value * value;
        }
        if (!Double.isFinite(sum)) {
            throw new InputException(model + ": embeddings must be finite; got NaN or infinity");
        }
        double norm = Math.sqrt(sum);
        for (int j = 0; normalise && norm > 0 && j < row.length; j++) {
            row[j] = (float) (row[j] / norm);
        }
    }

    static void close(Path model, OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(model + ": the model must be releasable", e);
        }
    }
}
