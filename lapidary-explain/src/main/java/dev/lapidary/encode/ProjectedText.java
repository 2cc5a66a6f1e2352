package dev.lapidary.encode;

import static dev.lapidary.onnx.OnnxGraph.number;
import static dev.lapidary.onnx.OnnxGraph.numbers;

import ai.onnxruntime.OrtException;
import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes a sentence encoder's network with a projection behind it: the same inputs, and an output text_embeds [b, e], the product of
 * the sentence's embedding and a matrix.
 *
 * <p>The network's own bytes are copied; pooling, scaling to length 1 and the product are appended to them.
 */
final class ProjectedText {
    private static final String MASK = "attention_mask";
    private static final int FLOAT = 1; // ONNX's number of float32

    private final OnnxGraph graph = new OnnxGraph("lapidary text encoder");
    private final ModelFolder folder;

    private ProjectedText(ModelFolder folder) {
        this.folder = folder;
    }

    /**
     * Writes the model.
     *
     * @param projection [d, e] row-major
     */
    static void write(ModelFolder folder, OnnxModel model, float[] projection, Path file) throws IOException {
        int width = model.width();
        int embedding = projection.length / width;
        try {
            ProjectedText text = new ProjectedText(folder);
            String sentence = model.pooled() ? model.output() : text.pooled(model);
            if (folder.normalise()) {
                text.graph.node(
                        "LpNormalization", List.of(sentence), "lapidary.unit", number("axis", 1), number("p", 2));
                sentence = "lapidary.unit";
            }
            text.graph
                    .constant("lapidary.projection", projection, width, embedding)
                    .node("MatMul", List.of(sentence, "lapidary.projection"), "text_embeds")
                    .output("text_embeds", "lapidary_batch", embedding)
                    .appendTo(folder.model(), file);
        } catch (OrtException e) {
            throw new InputException(folder.model() + ": must tell its inputs; got " + TokenizerFile.line(e), e);
        }
    }

    /** The sum, or without a mask the mean, over tokens: both point the same way, and what follows scales to length 1. */
    private String pooled(OnnxModel model) throws OrtException {
        Optional<Pooling> pooling = folder.output().pooling();
        if (!pooling.equals(Optional.of(Pooling.MEAN)) || !folder.normalise()) {
            throw new InputException(folder.model()
                    + ": a text encoder that is projected must pool the mean and scale to length 1, or give"
                    + " sentence_embedding; got pooling "
                    + pooling.map(Pooling::name).orElse("none") + ", scaling " + folder.normalise());
        }
        String pooled = "lapidary.pooled";
        if (model.inputs().contains(MASK)) {
            graph.constant("lapidary.row", new long[] {0, 1, -1})
                    .constant("lapidary.flat", new long[] {0, -1})
                    .node("Cast", List.of(MASK), "lapidary.mask", number("to", FLOAT))
                    .node("Reshape", List.of("lapidary.mask", "lapidary.row"), "lapidary.weights")
                    .node("MatMul", List.of("lapidary.weights", model.output()), "lapidary.sum")
                    .node("Reshape", List.of("lapidary.sum", "lapidary.flat"), pooled);
        } else {
            graph.node("ReduceMean", List.of(model.output()), pooled, numbers("axes", 1), number("keepdims", 0));
        }
        return pooled;
    }
}
