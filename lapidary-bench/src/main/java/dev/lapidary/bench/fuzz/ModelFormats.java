package dev.lapidary.bench.fuzz;

import dev.lapidary.language.ConfigJson;
import dev.lapidary.language.StoredModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.ConfigCodec;
import dev.lapidary.runtime.model.GgufExport;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.runtime.packed.PackedTokenizer;
import dev.lapidary.runtime.packed.PackedWriter;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.token.ByteLetters;
import dev.lapidary.runtime.token.SpecialTokens;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** Language models and tokenizers. */
final class ModelFormats {
    private static final int WIDTH = 32;
    private static final ModelConfig CONFIG = ModelConfig.llama(300, WIDTH, 1, 2, 16);
    private static final String TEXT = "She sells 12 shells.\n";

    private static final Map<String, Object> BYTES =
            Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);

    private ModelFormats() {}

    static List<FuzzFormat> all() {
        List<FuzzFormat> all = new ArrayList<>();
        all.add(new FuzzFormat(
                "gguf", "a.gguf", folder -> gguf(folder, GgufType.Q8_0), folder -> run(folder, "a.gguf")));
        all.add(new FuzzFormat("gguf-pieces", "a.gguf", ModelFormats::pieces, folder -> run(folder, "a.gguf")));
        all.add(new FuzzFormat("packed", "a.lapidary", ModelFormats::packed, folder -> run(folder, "a.lapidary")));
        all.add(new FuzzFormat("tokenizer-json", "tokenizer.json", ModelFormats::words, ModelFormats::encode));
        all.add(new FuzzFormat("tokenizer-config", "tokenizer_config.json", ModelFormats::words, ModelFormats::encode));
        all.add(new FuzzFormat("model-config", "config.json", ModelFormats::folder, ModelFormats::open));
        all.add(new FuzzFormat(
                "model-index", "model.safetensors.index.json", ModelFormats::shards, ModelFormats::open));
        return all;
    }

    static float[] values(String name, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((name.hashCode() + i * 131) % 509) / 512f;
        }
        return values;
    }

    private static Map<String, Object> split() {
        Map<String, Object> split = Map.of(
                "type",
                "Split",
                "pattern",
                Map.of("Regex", "\\p{L}+|\\s+(?!\\S)|[^\\s\\p{L}]{1,3}|^.$"),
                "behavior",
                "Isolated",
                "invert",
                false);
        return Map.of("type", "Sequence", "pretokenizers", List.of(split, BYTES));
    }

    private static byte[] tokenizerJson() {
        return tokenizerJson(split());
    }

    /** A byte-level tokenizer of 300 tokens. */
    private static byte[] tokenizerJson(Map<String, Object> words) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            tokens.add(String.valueOf(ByteLetters.letter(i)));
        }
        List<String> merges = new ArrayList<>();
        for (int i = 0; tokens.size() < 299; i++) {
            String left = String.valueOf((char) ('a' + i % 26));
            String right = String.valueOf((char) ('a' + i / 26));
            tokens.add(left + right);
            merges.add(left + " " + right);
        }
        Map<String, Object> model = new LinkedHashMap<>();
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
        model.put("type", "BPE");
        model.put("vocab", vocabulary);
        model.put("merges", merges);
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("added_tokens", List.of(Map.of("id", 299, "content", "<s>", "special", true)));
        root.put("pre_tokenizer", words);
        root.put("decoder", BYTES);
        root.put("model", model);
        return JsonMapper.shared().writeValueAsBytes(root);
    }

    private static Tokenizer tokenizer() {
        SpecialTokens special = new SpecialTokens(OptionalInt.of(299), OptionalInt.of(299), Set.of(299), true);
        return Tokenizer.fromJson(tokenizerJson(BYTES), special);
    }

    private static void gguf(Path folder, GgufType type) throws IOException {
        gguf(folder, type, tokenizer());
    }

    private static void gguf(Path folder, GgufType type, Tokenizer tokenizer) throws IOException {
        GgufExport.write(
                folder.resolve("a.gguf"),
                GgufExport.Description.of("fuzz"),
                CONFIG,
                tokenizer,
                type,
                (name, row, out) -> System.arraycopy(values(name, out.length), 0, out, 0, out.length));
    }

    /** A GGUF file with a SentencePiece vocabulary. */
    private static void pieces(Path folder) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String token : List.of("<unk>", "<s>", "</s>")) {
            vocabulary.put(token, vocabulary.size());
        }
        for (int i = 0; i < 256; i++) {
            vocabulary.put(String.format("<0x%02X>", i), vocabulary.size());
        }
        for (String token : List.of("\u2581", "S", "h", "e", "l", "s", "he", "She", "\u2581She")) {
            vocabulary.put(token, vocabulary.size());
        }
        List<Map<String, Object>> added = new ArrayList<>();
        for (int id = 0; id < 3; id++) {
            added.add(
                    Map.of("id", id, "content", List.copyOf(vocabulary.keySet()).get(id), "special", true));
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("unk_token", "<unk>");
        model.put("fuse_unk", true);
        model.put("byte_fallback", true);
        model.put("vocab", vocabulary);
        model.put("merges", List.of("h e", "S he", "\u2581 She"));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("added_tokens", added);
        root.putAll(pieceRules());
        root.put("model", model);
        SpecialTokens special = new SpecialTokens(OptionalInt.of(1), OptionalInt.of(2), Set.of(2), true);
        gguf(folder, GgufType.F16, Tokenizer.fromJson(JsonMapper.shared().writeValueAsBytes(root), special));
    }

    /** How SentencePiece writes spaces and bytes. */
    private static Map<String, Object> pieceRules() {
        Map<String, Object> rules = new LinkedHashMap<>();
        Map<String, Object> blocks = Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "\u2581");
        Map<String, Object> spaces = Map.of("type", "Replace", "pattern", Map.of("String", "\u2581"), "content", " ");
        rules.put(
                "normalizer",
                Map.of(
                        "type",
                        "Sequence",
                        "normalizers",
                        List.of(Map.of("type", "Prepend", "prepend", "\u2581"), blocks)));
        rules.put(
                "decoder",
                Map.of(
                        "type",
                        "Sequence",
                        "decoders",
                        List.of(
                                spaces,
                                Map.of("type", "ByteFallback"),
                                Map.of("type", "Fuse"),
                                Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0))));
        return rules;
    }

    private static void packed(Path folder) throws IOException {
        PackedWriter.write(folder.resolve("a.lapidary"), writer -> {
            writer.config(ConfigCodec.write(CONFIG));
            writer.tokenizer(
                    new PackedTokenizer(tokenizerJson(), OptionalInt.of(299), OptionalInt.of(299), Set.of(299), true));
            try (Arena arena = Arena.ofConfined()) {
                for (var entry : ParameterLayout.shapes(CONFIG).entrySet()) {
                    List<Long> shape = entry.getValue();
                    int rows = shape.size() == 1 ? 1 : Math.toIntExact(shape.getFirst());
                    int columns = Math.toIntExact(shape.getLast());
                    MemorySegment values = arena.allocate((long) Float.BYTES * rows * columns, 64);
                    MemorySegment.copy(
                            values(entry.getKey(), rows * columns),
                            0,
                            values,
                            ValueLayout.JAVA_FLOAT,
                            0,
                            rows * columns);
                    if (shape.size() == 1) {
                        writer.vector(entry.getKey(), values);
                    } else {
                        writer.matrix(entry.getKey(), DenseMatrix.pack(WeightType.INT8, values, rows, columns, arena));
                    }
                }
            }
        });
    }

    private static void run(Path folder, String file) throws IOException {
        try (Model model = Model.open(folder.resolve(file), 1, PackedFile.Verify.AT_ONCE)) {
            model.generate("She", new GenerateOptions(3, 0, 0, 1, List.of(), 0), piece -> {}, Cancellation.none());
        }
    }

    private static void words(Path folder) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), tokenizerJson());
        FuzzFormats.text(
                folder,
                "tokenizer_config.json",
                "{\"bos_token\": \"<s>\", \"add_bos_token\": true, \"tokenizer_class\": \"Any\"}");
        FuzzFormats.text(folder, "generation_config.json", "{\"eos_token_id\": [299, 3]}");
    }

    private static void encode(Path folder) {
        Tokenizer own;
        try {
            own = Tokenizer.fromJson(Files.readAllBytes(folder.resolve("tokenizer.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        own.decode(own.encode(TEXT), true);
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            tokenizer.decode(tokenizer.encode(TEXT), true);
        }
    }

    static void folder(Path folder) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), tokenizerJson());
        FuzzFormats.text(folder, "config.json", ConfigJson.write(CONFIG));
        List<TensorView> tensors = new ArrayList<>();
        ParameterLayout.shapes(CONFIG).forEach((name, shape) -> {
            long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
            int count = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
            tensors.add(TensorView.of(name, values(name, count), sizes));
        });
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    private static void shards(Path folder) throws IOException {
        folder(folder);
        String map = String.join(
                ",\n",
                ParameterLayout.shapes(CONFIG).keySet().stream()
                        .map(name -> "\"" + name + "\": \"part-1.safetensors\"")
                        .toList());
        Files.move(folder.resolve("model.safetensors"), folder.resolve("part-1.safetensors"));
        FuzzFormats.text(folder, "model.safetensors.index.json", "{\"weight_map\": {" + map + "}}");
    }

    private static void open(Path folder) throws IOException {
        try (StoredModel model = StoredModel.open(folder);
                Arena arena = Arena.ofConfined()) {
            for (String name : model.shapes().keySet()) {
                model.values(name, arena);
            }
        }
    }
}
