package dev.lapidary.encode;

import static dev.lapidary.onnx.OnnxGraph.number;
import static dev.lapidary.onnx.OnnxGraph.numbers;

import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.onnx.OnnxGraph.Element;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Writes an image and text encoder of a few bytes: an image's embedding is its mean colour, from 0 to 1, times {@link #COLOURS}; a
 * text's is the mean of its tokens' rows of {@link #TABLE}, by the mask where the model has one.
 *
 * <p>Tokens: [S] 0, [E] 1, [U] 2, red 3, green 4, blue 5, a 6, photo 7; texts become [S] words [E].
 */
final class TinyClip {
    static final int SIDE = 4; // pixels
    static final float[][] COLOURS = {{2, 0, 1, 0}, {0, 3, 0, 1}, {1, 1, 4, 0}}; // [3, d]
    static final float[][] TABLE = { // [tokens, d]
        {1, 0, 0, 0}, {0, 1, 0, 0}, {9, 9, 9, 9}, {8, 0, 2, 1}, {0, 9, -1, 2}, {1, 2, 9, 0}, {0, 0, 1, 1}, {1, 1, 0, 2}
    };
    static final List<String> WORDS = List.of("[S]", "[E]", "[U]", "red", "green", "blue", "a", "photo");

    private static final String CLIP_CONFIG = """
            {"model_type": "clip", "projection_dim": 4, "logit_scale": 3.0,
             "text_config": {"max_position_embeddings": 6}, "vision_config": {"image_size": 4}}
            """;
    private static final String SIGLIP_CONFIG = """
            {"model_type": "siglip", "text_config": {"max_position_embeddings": 6}, "vision_config": {"image_size": 4}}
            """;

    private TinyClip() {}

    /** Writes a CLIP that takes any number of images and tokens. */
    static Path clip(Path folder) throws IOException {
        write(folder, CLIP_CONFIG);
        vision("image_embeds", "b", SIDE).write(folder.resolve("onnx/vision_model.onnx"));
        text("text_embeds", "b", "l", false).write(folder.resolve("onnx/text_model.onnx"));
        return folder;
    }

    /** Writes a SigLIP, whose texts are padded with [E]. */
    static Path siglip(Path folder) throws IOException {
        write(folder, SIGLIP_CONFIG);
        vision("pooler_output", "b", SIDE).write(folder.resolve("onnx/vision_model.onnx"));
        text("pooler_output", "b", "l", false).write(folder.resolve("onnx/text_model.onnx"));
        return folder;
    }

    private static void write(Path folder, String config) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        Files.writeString(folder.resolve("config.json"), config);
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"image_processor_type": "CLIPImageProcessorFast", "size": {"shortest_edge": 4}, "crop_size": 4,
                 "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}
                """);
        String vocabulary = String.join(
                ", ",
                IntStream.range(0, WORDS.size())
                        .mapToObj(i -> "\"" + WORDS.get(i) + "\": " + i)
                        .toList());
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
                 "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "[S]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                              {"SpecialToken": {"id": "[E]", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"[S]": {"id": "[S]", "ids": [0], "tokens": ["[S]"]},
                                      "[E]": {"id": "[E]", "ids": [1], "tokens": ["[E]"]}}},
                 "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "[U]", "vocab": {%s}}}
                """.formatted(vocabulary));
    }

    /** The mean colour of each image times the matrix. */
    static OnnxGraph vision(String output, Object batch, int side) {
        return vision(new OnnxGraph("vision"), output, batch, side).output(output, batch, 4);
    }

    /** The same with an output whose width shows only when it runs. */
    static OnnxGraph visionOfUnknownWidth(String output) {
        return vision(new OnnxGraph("vision"), "whole", "b", SIDE)
                .constant("all", new long[] {1, 1, 1, 1})
                .node("Cast", List.of("all"), "kept", number("to", 9))
                .node("Compress", List.of("whole", "kept"), output, number("axis", 1))
                .output(output, "b", "d");
    }

    private static OnnxGraph vision(OnnxGraph graph, String output, Object batch, int side) {
        return graph.input("pixel_values", Element.FLOAT, batch, 3, side, side)
                .constant("colours", TinyEncoder.flat(COLOURS), 3, 4)
                .node("ReduceMean", List.of("pixel_values"), "mean", numbers("axes", 2, 3), number("keepdims", 0))
                .node("MatMul", List.of("mean", "colours"), output);
    }

    /** The mean of the tokens' rows, or where there is a mask their sum by it, which points the same way. */
    static OnnxGraph text(String output, Object batch, Object length, boolean masked) {
        return text(new OnnxGraph("text"), output, batch, length, masked).output(output, batch, 4);
    }

    private static OnnxGraph text(OnnxGraph graph, String output, Object batch, Object length, boolean masked) {
        graph.input("input_ids", Element.INT64, batch, length)
                .constant("table", TinyEncoder.flat(TABLE), TABLE.length, 4)
                .node("Gather", List.of("table", "input_ids"), "rows");
        if (!masked) {
            return graph.node("ReduceMean", List.of("rows"), output, numbers("axes", 1), number("keepdims", 0));
        }
        return graph.input("attention_mask", Element.INT64, batch, length)
                .constant("last", new long[] {2})
                .constant("second", new long[] {1})
                .node("Cast", List.of("attention_mask"), "mask", number("to", 1))
                .node("Unsqueeze", List.of("mask", "last"), "weights")
                .node("Mul", List.of("rows", "weights"), "seen")
                .node("ReduceSum", List.of("seen", "second"), output, number("keepdims", 0));
    }

    /** Both sides in one, with logits_per_image = scale · cosine + bias for one image and one text. */
    static OnnxGraph joint(float scale, float bias) {
        OnnxGraph graph = vision(new OnnxGraph("joint"), "image", 1, SIDE);
        return text(graph, "text", 1, "l", false)
                .constant("scale", new float[] {scale})
                .constant("bias", new float[] {bias})
                .node("LpNormalization", List.of("image"), "image.unit", number("axis", 1), number("p", 2))
                .node("LpNormalization", List.of("text"), "text.unit", number("axis", 1), number("p", 2))
                .node("Mul", List.of("image.unit", "text.unit"), "products")
                .constant("second", new long[] {1})
                .node("ReduceSum", List.of("products", "second"), "cosine")
                .node("Mul", List.of("cosine", "scale"), "scaled")
                .node("Add", List.of("scaled", "bias"), "logits_per_image")
                .output("logits_per_image", 1, 1);
    }

    /** Draws a picture of one colour as PNG. */
    static void draw(Path file, int rgb, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, rgb);
            }
        }
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }

    /** The embedding of a picture of one colour, calculated here. */
    static float[] ofColour(int rgb) {
        double[] sum = new double[4];
        for (int c = 0; c < 3; c++) {
            double value = (rgb >> (16 - 8 * c) & 0xff) / 255.0;
            for (int j = 0; j < 4; j++) {
                sum[j] += value * COLOURS[c][j];
            }
        }
        return unit(sum);
    }

    /** The embedding of tokens, calculated here. */
    static float[] ofTokens(int... ids) {
        double[] sum = new double[4];
        for (int id : ids) {
            for (int j = 0; j < 4; j++) {
                sum[j] += TABLE[id][j];
            }
        }
        return unit(sum);
    }

    private static float[] unit(double[] sum) {
        double squares = 0;
        for (double value : sum) {
            squares += value * value;
        }
        float[] unit = new float[sum.length];
        for (int j = 0; j < unit.length; j++) {
            unit[j] = (float) (sum[j] / Math.sqrt(squares));
        }
        return unit;
    }
}
