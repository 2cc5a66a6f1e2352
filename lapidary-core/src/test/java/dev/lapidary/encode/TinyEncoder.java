package dev.lapidary.encode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private TinyEncoder() {}

    /** Writes the two files that every encoder has. */
    static Path write(Path folder) throws IOException {
        return write(folder, List.of("input_ids"), false);
    }

    static Path write(Path folder, List<String> inputs, boolean sentence) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        Files.write(folder.resolve("onnx/model.onnx"), model(inputs, sentence));
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

    private static byte[] model(List<String> inputs, boolean sentence) {
        Protobuf graph = new Protobuf()
                .message(1, node("Gather", List.of("table", "input_ids"), "last_hidden_state"))
                .text(2, "tiny")
                .message(5, table());
        if (sentence) {
            Protobuf axes = new Protobuf().text(1, "axes").number(20, 7).number(8, 1);
            Protobuf keep = new Protobuf().text(1, "keepdims").number(20, 2).number(3, 0);
            graph.message(
                    1,
                    node("ReduceMean", List.of("last_hidden_state"), "sentence_embedding")
                            .message(5, axes)
                            .message(5, keep));
        }
        inputs.forEach(name -> graph.message(11, value(name, INT64, "b", "l")));
        graph.message(12, value("last_hidden_state", FLOAT, "b", "l", "2"));
        if (sentence) {
            graph.message(12, value("sentence_embedding", FLOAT, "b", "2"));
        }
        return new Protobuf()
                .number(1, 8)
                .message(7, graph)
                .message(8, new Protobuf().text(1, "").number(2, 13))
                .toBytes();
    }

    private static Protobuf node(String operator, List<String> inputs, String output) {
        Protobuf node = new Protobuf();
        inputs.forEach(input -> node.text(1, input));
        return node.text(2, output).text(4, operator);
    }

    private static Protobuf table() {
        ByteBuffer raw = ByteBuffer.allocate(TABLE.length * 2 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : TABLE) {
            raw.putFloat(row[0]).putFloat(row[1]);
        }
        return new Protobuf()
                .number(1, TABLE.length)
                .number(1, 2)
                .number(2, FLOAT)
                .text(8, "table")
                .bytes(9, raw.array());
    }

    private static Protobuf value(String name, int type, String... dimensions) {
        Protobuf shape = new Protobuf();
        for (String dimension : dimensions) {
            boolean fixed = Character.isDigit(dimension.charAt(0));
            shape.message(
                    1, fixed ? new Protobuf().number(1, Long.parseLong(dimension)) : new Protobuf().text(2, dimension));
        }
        Protobuf tensor = new Protobuf().number(1, type).message(2, shape);
        return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
    }
}
