package dev.lapidary.app;

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
 * An image and text encoder of a few bytes that knows colours, and pictures of them: an image's embedding is its mean colour; a
 * text's is the mean of its words' colours, with some grey for every other word.
 */
final class SmallClip {
    static final List<String> CONCEPTS = List.of("crimson", "orange", "lime", "olive", "azure", "navy");
    static final List<String> CLASSES = List.of("fire", "grass", "sea");

    private static final int SIDE = 4; // pixels
    private static final List<String> WORDS =
            List.of("[U]", "[S]", "[E]", "fire", "grass", "sea", "crimson", "orange", "lime", "olive", "azure", "navy");
    private static final float[] ROWS = { // [words, 3]
        0.1f, 0.1f, 0.1f, 0, 0, 0, 0, 0, 0, 9, 2, 1, 2, 9, 1, 1, 3, 9, 9, 0, 1, 9, 5, 0, 4, 9, 0, 5, 6, 1, 0, 5, 9, 0,
        0, 6
    };

    private SmallClip() {}

    /** Writes the encoder in the layout of an ONNX export of CLIP. */
    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "clip", "projection_dim": 3, "text_config": {"max_position_embeddings": 16},
                 "vision_config": {"image_size": 4}}
                """);
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 4}, "crop_size": 4,
                 "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}
                """);
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "[S]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                              {"SpecialToken": {"id": "[E]", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"[S]": {"id": "[S]", "ids": [1], "tokens": ["[S]"]},
                                      "[E]": {"id": "[E]", "ids": [2], "tokens": ["[E]"]}}},
                 "decoder": null, "model": {"type": "WordLevel", "unk_token": "[U]", "vocab": {%s}}}
                """.formatted(String.join(
                ", ",
                IntStream.range(0, WORDS.size())
                        .mapToObj(i -> "\"" + WORDS.get(i) + "\": " + i)
                        .toList())));
        OnnxGraph vision = new OnnxGraph("vision").input("pixel_values", Element.FLOAT, "b", 3, SIDE, SIDE);
        mean(vision, "pixel_values", "image_embeds", 2, 3).write(folder.resolve("onnx/vision_model.onnx"));
        OnnxGraph text = new OnnxGraph("text")
                .input("input_ids", Element.INT64, "b", "l")
                .constant("table", ROWS, WORDS.size(), 3)
                .node("Gather", List.of("table", "input_ids"), "rows");
        mean(text, "rows", "text_embeds", 1).write(folder.resolve("onnx/text_model.onnx"));
        return folder;
    }

    private static OnnxGraph mean(OnnxGraph graph, String of, String output, long... axes) {
        return graph.node(
                        "ReduceMean",
                        List.of(of),
                        output,
                        OnnxGraph.numbers("axes", axes),
                        OnnxGraph.number("keepdims", 0))
                .output(output, "b", 3);
    }

    /** Draws {@code perClass} pictures of each class, in its folder: reds, greens and blues, no two alike. */
    static Path drawClasses(Path folder, int perClass) throws IOException {
        int[] colours = {0xe03010, 0x40c020, 0x1050d0};
        for (int k = 0; k < CLASSES.size(); k++) {
            for (int i = 0; i < perClass; i++) {
                int shade = i * 0x020201 + (i % 3) * 0x001800;
                draw(folder.resolve(CLASSES.get(k)).resolve(i + ".png"), colours[k] + shade);
            }
        }
        return folder;
    }

    /** Draws a picture of one colour. */
    static Path draw(Path file, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(6, 5, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 30; at++) {
            image.setRGB(at % 6, at / 6, rgb);
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    /** Writes the concepts, one a line. */
    static Path writeConcepts(Path file) throws IOException {
        return Files.write(file, CONCEPTS);
    }
}
