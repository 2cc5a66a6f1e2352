package dev.lapidary.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read by ONNX Runtime and calculates what its nodes say. */
class OnnxGraphTest {
    @TempDir
    Path folder;

    @Test
    void runsItsNodesInOrder() throws Exception {
        Path file = folder.resolve("model.onnx");
        sums().write(file);
        assertThat(run(file, "sum", 1, 2, 3, 4, 5, 6)).containsExactly(1 + 4 + 9, 4 + 10 + 18);
    }

    @Test
    void canBeAppendedToAModelThatItHasNotRead() throws Exception {
        Path first = folder.resolve("first.onnx");
        sums().write(first);
        Path both = folder.resolve("both.onnx");
        new OnnxGraph("more")
                .constant("more.ten", new float[] {10})
                .node("Mul", List.of("sum", "more.ten"), "tenfold")
                .output("tenfold", "batch")
                .appendTo(first, both);
        assertThat(run(both, "tenfold", 1, 1, 1, 2, 2, 2)).containsExactly(60, 120);
        assertThat(run(both, "sum", 1, 1, 1, 2, 2, 2)).containsExactly(6, 12);
        assertThat(Files.size(first)).isLessThan(Files.size(both));
    }

    @Test
    void constantsMustFillTheirShape() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OnnxGraph("bad").constant("c", new float[3], 2, 2))
                .withMessageContaining("c: values must fill the shape; got 3 values, shape [2, 2]");
    }

    /** The sums of rows [batch, 3] times 1, 2, 3. */
    private static OnnxGraph sums() {
        return new OnnxGraph("sums")
                .input("x", OnnxGraph.Element.FLOAT, "batch", 3)
                .constant("weights", new float[] {1, 2, 3})
                .constant("axis", new long[] {1})
                .node("Mul", List.of("x", "weights"), "weighted")
                .node("ReduceSum", List.of("weighted", "axis"), "sum", OnnxGraph.number("keepdims", 0))
                .output("sum", "batch");
    }

    private static float[] run(Path file, String output, float... values) throws OrtException, IOException {
        OrtEnvironment environment = OnnxRuntime.environment();
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor x = OnnxTensor.createTensor(
                        environment, FloatBuffer.wrap(values), new long[] {values.length / 3, 3});
                OrtSession.Result result = session.run(Map.of("x", x), Set.of(output))) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer().array().clone();
        }
    }
}
