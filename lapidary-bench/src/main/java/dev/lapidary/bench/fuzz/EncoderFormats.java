package dev.lapidary.bench.fuzz;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.encode.TrainingImages;
import dev.lapidary.onnx.OnnxConstants;
import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.onnx.OnnxGraph.Element;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Encoders: their networks, settings and caches, with one thread each. */
final class EncoderFormats {
    private static final List<String> WORDS = List.of("[S]", "[E]", "[U]", "red", "green", "blue");
    private static final List<String> TEXTS = List.of("red green", "blue");
    private static final int WIDTH = 4;
    private static final int SIDE = 4; // pixels

    private EncoderFormats() {}

    static List<FuzzFormat> all() {
        List<FuzzFormat> all = new ArrayList<>();
        all.add(new FuzzFormat("onnx-text", "onnx/model.onnx", EncoderFormats::text, EncoderFormats::encode));
        all.add(new FuzzFormat("onnx-tokenizer", "tokenizer.json", EncoderFormats::text, EncoderFormats::encode));
        all.add(new FuzzFormat("onnx-images", "onnx/vision_model.onnx", EncoderFormats::pair, EncoderFormats::open));
        for (String file : List.of("config.json", "preprocessor_config.json")) {
            all.add(new FuzzFormat(
                    "encoder-" + file.replace("_", "-").replace(".json", ""),
                    file,
                    EncoderFormats::pair,
                    EncoderFormats::open));
        }
        all.add(new FuzzFormat(
                "onnx-constants",
                "a.onnx",
                folder -> network("text_embeds").write(folder.resolve("a.onnx")),
                folder -> OnnxConstants.read(folder.resolve("a.onnx"))));
        all.add(new FuzzFormat("cached-embeddings", "a/a.safetensors", EncoderFormats::cache, EncoderFormats::cached));
        all.add(new FuzzFormat(
                "training-images",
                TrainingImages.FILE,
                folder ->
                        Files.writeString(folder.resolve(TrainingImages.FILE), "0123456789abcdef\n8123456789abcdef\n"),
                TrainingImages::read));
        return all;
    }

    private static void text(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        new OnnxGraph("text")
                .input("input_ids", Element.INT64, "b", "l")
                .constant("table", table(), WORDS.size(), WIDTH)
                .node("Gather", List.of("table", "input_ids"), "last_hidden_state")
                .output("last_hidden_state", "b", "l", WIDTH)
                .write(folder.resolve("onnx/model.onnx"));
        tokenizer(folder);
    }

    private static void encode(Path folder) {
        try (OnnxTextEncoder encoder = OnnxTextEncoder.open(folder, 1);
                EncodedTexts _ = encoder.encode(TEXTS, Progress.silent())) {
            encoder.digest();
        }
    }

    private static void pair(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("onnx"));
        network("text_embeds").write(folder.resolve("onnx/text_model.onnx"));
        new OnnxGraph("vision")
                .input("pixel_values", Element.FLOAT, "b", 3, SIDE, SIDE)
                .constant("colours", new float[] {2, 0, 1, 0, 0, 3, 0, 1, 1, 1, 4, 0}, 3, WIDTH)
                .node(
                        "ReduceMean",
                        List.of("pixel_values"),
                        "mean",
                        OnnxGraph.numbers("axes", 2, 3),
                        OnnxGraph.number("keepdims", 0))
                .node("MatMul", List.of("mean", "colours"), "image_embeds")
                .output("image_embeds", "b", WIDTH)
                .write(folder.resolve("onnx/vision_model.onnx"));
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "clip", "projection_dim": 4, "logit_scale": 3.0,
                 "text_config": {"max_position_embeddings": 6}, "vision_config": {"image_size": 4}}
                """);
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 4}, "crop_size": 4,
                 "image_mean": [0, 0, 0], "image_std": [1, 1, 1], "do_resize": true, "resample": 3}
                """);
        tokenizer(folder);
    }

    private static void open(Path folder) {
        try (ClipEncoder encoder = ClipEncoder.open(folder, 1);
                EmbeddingMatrix _ = encoder.embed(List.of(encoder.prepare(ImageFormats.picture())))) {
            encoder.logitScale();
        }
    }

    private static OnnxGraph network(String output) {
        return new OnnxGraph("text")
                .input("input_ids", Element.INT64, "b", "l")
                .constant("table", table(), WORDS.size(), WIDTH)
                .node("Gather", List.of("table", "input_ids"), "rows")
                .node(
                        "ReduceMean",
                        List.of("rows"),
                        output,
                        OnnxGraph.numbers("axes", 1),
                        OnnxGraph.number("keepdims", 0))
                .output(output, "b", WIDTH);
    }

    private static float[] table() {
        float[] table = new float[WORDS.size() * WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = (i * 7 % 11) - 4;
        }
        return table;
    }

    private static void tokenizer(Path folder) throws IOException {
        List<String> vocabulary = new ArrayList<>();
        WORDS.forEach(word -> vocabulary.add("\"" + word + "\": " + vocabulary.size()));
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
                """.formatted(String.join(", ", vocabulary)));
    }

    /** The file gets a name that does not change, in the folder whose name the encoder gives. */
    private static void cache(Path folder) throws IOException {
        Path all = folder.resolve("cache");
        try (EmbeddingCache cache = new EmbeddingCache(new Counting(), all);
                EncodedTexts _ = cache.encode(TEXTS, Progress.silent())) {
            cache.width();
        }
        try (Stream<Path> files = Files.walk(all)) {
            Path written = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow();
            Files.createDirectory(folder.resolve("a"));
            Files.copy(written, folder.resolve("a/a.safetensors"));
            Files.delete(written);
        }
    }

    /** What is damaged is left out with a warning: the values must be right all the same. */
    private static void cached(Path folder) throws IOException {
        Path all = folder.resolve("cache");
        Path own;
        try (Stream<Path> folders = Files.list(all)) {
            own = folders.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        Files.copy(folder.resolve("a/a.safetensors"), own.resolve("a.safetensors"));
        try (EmbeddingCache cache = new EmbeddingCache(new Counting(), all);
                EncodedTexts encoded = cache.encode(TEXTS, Progress.silent())) {
            for (int i = 0; i < TEXTS.size(); i++) {
                if (encoded.embeddings().row(i)[0] != TEXTS.get(i).length()) {
                    throw new IllegalStateException("a cached row must be what the encoder said; got another");
                }
            }
        } finally {
            try (Stream<Path> files = Files.list(own)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Embeds a text as its length. */
    private record Counting() implements TextEncoder {
        @Override
        public String name() {
            return "counting";
        }

        @Override
        public String digest() {
            return "0".repeat(64);
        }

        @Override
        public int width() {
            return 2;
        }

        @Override
        public int maxTokens() {
            return 9;
        }

        @Override
        public EncodedTexts encode(List<String> texts, Progress progress) {
            EmbeddingMatrix matrix = EmbeddingMatrix.allocate(texts.size(), 2);
            for (int i = 0; i < texts.size(); i++) {
                matrix.set(i, new float[] {texts.get(i).length(), 1});
            }
            return new EncodedTexts(matrix, 0, texts.size());
        }

        @Override
        public void close() {}
    }
}
