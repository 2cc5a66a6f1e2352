package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.InputException;
import dev.lapidary.tolerance.Rounding;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a projected encoder gives, against the table, the mean and the matrix by hand. */
class ProjectedTextTest {
    private static final float[] PROJECTION = {1, 2, 0, 0, 1, -1}; // [2, 3]
    private static final long[] RED = {0, 3, 1}; // (1, 0), (3, 4) and (0, 1)

    @TempDir
    Path folder;

    @Test
    void projectsTheMeanOverTokensOfUnitLength() throws Exception {
        double x = 4 / 3.0;
        double y = 5 / 3.0;
        double norm = Math.hypot(x, y);
        for (List<String> inputs : List.of(List.of("input_ids"), List.of("input_ids", "attention_mask"))) {
            assertClose(write(inputs, false), inputs, RED, x / norm, (2 * x + y) / norm, -y / norm);
        }
    }

    @Test
    void takesAnEmbeddingThatIsPooledAlready() throws Exception {
        double x = 4 / 3.0;
        double y = 5 / 3.0;
        double norm = Math.hypot(x, y);
        List<String> inputs = List.of("input_ids");
        assertClose(write(inputs, true), inputs, RED, x / norm, (2 * x + y) / norm, -y / norm);
    }

    @Test
    void doesNotCountTokensThatAreMasked() throws Exception {
        List<String> inputs = List.of("input_ids", "attention_mask");
        Path target = write(inputs, false);
        float[] masked = run(target, new long[] {0, 3, 1, 2, 2}, new long[] {1, 1, 1, 0, 0}, inputs);
        assertThat(masked).containsExactly(run(target, RED, new long[] {1, 1, 1}, inputs), Rounding.floats(16, 1));
    }

    @Test
    void refusesAPoolingThatIsNotTheMean() throws IOException {
        TinyEncoder.write(folder.resolve("cls"));
        Files.createDirectories(folder.resolve("cls/1_Pooling"));
        Files.writeString(folder.resolve("cls/1_Pooling/config.json"), "{\"pooling_mode_cls_token\": true}");
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(folder.resolve("cls"))) {
            assertThatThrownBy(() -> encoder.writeProjected(folder.resolve("out"), PROJECTION))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must pool the mean");
        }
    }

    private Path write(List<String> inputs, boolean sentence) throws IOException {
        Path source = folder.resolve("encoder-" + inputs.size() + sentence);
        TinyEncoder.write(source, inputs, sentence);
        Path target = folder.resolve("out-" + inputs.size() + sentence);
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(source)) {
            encoder.writeProjected(target, PROJECTION);
        }
        assertThat(target.resolve("tokenizer.json")).hasSameBinaryContentAs(source.resolve("tokenizer.json"));
        return target;
    }

    private static void assertClose(Path target, List<String> inputs, long[] ids, double... expected)
            throws OrtException {
        float[] found = run(target, ids, new long[] {1, 1, 1}, inputs);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], Rounding.widened(16, 1));
        }
    }

    private static float[] run(Path target, long[] ids, long[] mask, List<String> inputs) throws OrtException {
        OrtEnvironment environment = OnnxRuntime.environment();
        Map<String, OnnxTensor> values = new HashMap<>();
        try (OrtSession session =
                environment.createSession(target.resolve("onnx/text_model.onnx").toString())) {
            for (String input : inputs) {
                long[] value = input.equals("input_ids") ? ids : mask;
                values.put(
                        input,
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(value), new long[] {1, value.length}));
            }
            try (OrtSession.Result result = session.run(values, Set.of("text_embeds"))) {
                float[] row = new float[3];
                ((OnnxTensor) result.get(0)).getFloatBuffer().get(row);
                return row;
            }
        } finally {
            values.values().forEach(OnnxTensor::close);
        }
    }
}
