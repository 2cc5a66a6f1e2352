package dev.lapidary.encode;

import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.onnx.OnnxGraph.Element;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a sentence encoder of a few bytes: its network looks each token's embedding up in a table.
 *
 * <p>Tokens: [CLS] 0, [SEP] 1, [UNK] 2, red 3, green 4, blue 5; texts become [CLS] words [SEP].
 */
final class TinyEncoder {
    static final float[][] TABLE = {{1, 0}, {0, 1}, {9, 9}, {3, 4}, {-2, 6}, {8, -1}};

    private TinyEncoder() {}

    /** Writes the two files that every encoder has. */
    static Path write(Path folder) throws IOException {
        return write(folder, List.of("input_ids"), false);
    }

    static Path write(Path folder, List<String> inputs, boolean sentence) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        model(inputs, sentence).write(folder.resolve("onnx/model.onnx"));
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0",
                 "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
                 "padding": {"strategy": {"Fixed": 4}, "direction": "Right", "pad_to_multiple_of": null,
                             "pad_id": 2, "pad_type_id": 0, "pad_token": "[UNK]"},
                 "added_tokens": [], "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                              {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [0], "tokens": ["[CLS]"]},
                                      "[SEP]": {"id": "[SEP]", "ids": [1], "tokens": ["[SEP]"]}}},
                 "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "[UNK]",
                           "vocab": {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "red": 3, "green": 4, "blue": 5}}}
                """);
        return folder;
    }

    private static OnnxGraph model(List<String> inputs, boolean sentence) {
        OnnxGraph graph = new OnnxGraph("tiny");
        inputs.forEach(name -> graph.input(name, Element.INT64, "b", "l"));
        graph.constant("table", flat(TABLE), TABLE.length, 2)
                .node("Gather", List.of("table", "input_ids"), "last_hidden_state")
                .output("last_hidden_state", "b", "l", 2);
        if (sentence) {
            graph.node(
                            "ReduceMean",
                            List.of("last_hidden_state"),
                            "sentence_embedding",
                            OnnxGraph.numbers("axes", 1),
                            OnnxGraph.number("keepdims", 0))
                    .output("sentence_embedding", "b", 2);
        }
        return graph;
    }

    /** The rows behind each other. */
    static float[] flat(float[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
        }
        return flat;
    }
}
