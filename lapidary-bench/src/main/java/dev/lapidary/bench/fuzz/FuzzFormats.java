package dev.lapidary.bench.fuzz;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.language.ConfigJson;
import dev.lapidary.language.StoredModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.ConfigCodec;
import dev.lapidary.runtime.model.GgufExport;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.npy.NpzWriter;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.runtime.packed.PackedTokenizer;
import dev.lapidary.runtime.packed.PackedWriter;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.runtime.token.ByteLetters;
import dev.lapidary.runtime.token.SpecialTokens;
import dev.lapidary.runtime.token.Tokenizer;
import dev.lapidary.sparsity.MaskFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** The formats, each with a small valid example. */
final class FuzzFormats {
    private static final int WIDTH = 32;
    private static final ModelConfig CONFIG = ModelConfig.llama(300, WIDTH, 1, 2, 16);
    private static final String TEXT = "She sells 12 shells.\n";

    private static final Map<String, Object> BYTES =
            Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);

    private FuzzFormats() {}

    /** Those that need no PyTorch. */
    static List<FuzzFormat> all() {
        List<FuzzFormat> all = new ArrayList<>();
        all.add(new FuzzFormat("safetensors", "a.safetensors", FuzzFormats::tensors, at("a.safetensors")));
        all.add(new FuzzFormat("npz", "a.npz", FuzzFormats::npz, at("a.npz")));
        all.add(new FuzzFormat("npy", "a.npy", FuzzFormats::npy, at("a.npy")));
        all.add(new FuzzFormat(
                "gguf", "a.gguf", folder -> gguf(folder, GgufType.Q8_0), folder -> run(folder, "a.gguf")));
        all.add(new FuzzFormat(
                "gguf-pieces", "a.gguf", FuzzFormats::pieces, folder -> run(folder, "a.gguf")));
        all.add(new FuzzFormat("packed", "a.lapidary", FuzzFormats::packed, folder -> run(folder, "a.lapidary")));
        all.add(new FuzzFormat("tokenizer-json", "tokenizer.json", FuzzFormats::words, FuzzFormats::encode));
        all.add(new FuzzFormat("tokenizer-config", "tokenizer_config.json", FuzzFormats::words, FuzzFormats::encode));
        all.add(new FuzzFormat("model-config", "config.json", FuzzFormats::folder, FuzzFormats::open));
        all.add(new FuzzFormat("model-index", "model.safetensors.index.json", FuzzFormats::shards, FuzzFormats::open));
        all.add(new FuzzFormat("csv", "a.csv", folder -> text(folder, "a.csv", csv()), data("a.csv")));
        all.add(new FuzzFormat("json-table", "a.json", folder -> text(folder, "a.json", json()), data("a.json")));
        all.add(new FuzzFormat("labelled-npz", "a.npz", FuzzFormats::labelled, data("a.npz")));
        all.add(new FuzzFormat(
                "ledger",
                "a.json",
                FuzzFormats::ledger,
                folder -> ConceptLedger.fromJson(
                        Files.readString(folder.resolve("a.json"), StandardCharsets.ISO_8859_1))));
        all.addAll(ImageFormats.all());
        all.addAll(EncoderFormats.all());
        return all;
    }

    /** Those whose example is made by a command, with PyTorch. */
    static List<FuzzFormat> trained() {
        List<FuzzFormat> all = new ArrayList<>();
        for (String file : List.of("lapidary.json", "mask.safetensors")) {
            all.add(new FuzzFormat(
                    "mask-" + file.replace('.', '-'),
                    "mask/" + file,
                    FuzzFormats::mask,
                    folder -> MaskFolder.open(folder.resolve("mask"))));
        }
        for (String file : List.of(
                "lapidary.json",
                "model.safetensors",
                "metrics.json",
                "ledger.json",
                "splits.json",
                "calibration.json")) {
            all.add(new FuzzFormat(
                    "classifier-" + file.replace('.', '-'),
                    "model/" + file,
                    FuzzFormats::classifier,
                    folder -> ConceptClassifier.load(folder.resolve("model"))));
        }
        return all;
    }

    private static FuzzFormat.Reader at(String file) {
        return folder -> {
            try (TensorFile opened = TensorFile.open(folder.resolve(file))) {
                long sum = 0;
                for (TensorView view : opened.tensors().values()) {
                    for (byte octet : view.data().toArray(ValueLayout.JAVA_BYTE)) {
                        sum += octet;
                    }
                }
                var _ = Objects.hash(sum, opened.strings(), opened.metadata());
            }
        };
    }

    private static FuzzFormat.Reader data(String file) {
        return folder -> {
            try (Dataset data = DataReader.read(DataSource.of(folder.resolve(file)))) {
                var _ = Objects.hash(data.digest(), data.classes());
            }
        };
    }

    private static float[] values(String name, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((name.hashCode() + i * 131) % 509) / 512f;
        }
        return values;
    }

    private static void tensors(Path folder) throws IOException {
        SafetensorsWriter.write(
                folder.resolve("a.safetensors"),
                List.of(TensorView.of("a", values("a", 6), 2, 3), TensorView.of("b", new double[] {1, 2}, 2)),
                Map.of("format", "pt"));
    }

    private static void npz(Path folder) throws IOException {
        NpzWriter.write(
                folder.resolve("a.npz"),
                List.of(TensorView.of("a", values("a", 6), 2, 3), TensorView.of("b", new double[] {1, 2}, 2)));
    }

    private static void npy(Path folder) throws IOException {
        byte[] header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".getBytes(StandardCharsets.US_ASCII);
        byte[] file = new byte[128 + 24];
        System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0}, 0, file, 0, 10);
        Arrays.fill(file, 10, 128, (byte) ' ');
        System.arraycopy(header, 0, file, 10, header.length);
        file[127] = '\n';
        Files.write(folder.resolve("a.npy"), file);
    }

    private static void labelled(Path folder) throws IOException {
        NpzWriter.write(
                folder.resolve("a.npz"),
                List.of(
                        TensorView.of("embeddings", values("a", 12), 4, 3),
                        TensorView.of("labels", new long[] {0, 1, 0, 1}, 4)));
    }

    private static String csv() {
        return "id,text,label\n1,\"a, b\",x\n2,\"c \"\"d\"\"\",y\n3,e,x\n4,\"f\ng\",y\n";
    }

    private static String json() {
        return "{\"id\":1,\"text\":\"a\",\"label\":\"x\"}\n{\"id\":2,\"text\":\"b\",\"label\":\"y\"}\n";
    }

    private static void text(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static void ledger(Path folder) throws IOException {
        ConceptLedger ledger = new ConceptLedger();
        text(folder, "a.json", ledger.toJson());
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
            added.add(Map.of("id", id, "content", List.copyOf(vocabulary.keySet()).get(id), "special", true));
        }
        Map<String, Object> blocks =
                Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "\u2581");
        Map<String, Object> spaces =
                Map.of("type", "Replace", "pattern", Map.of("String", "\u2581"), "content", " ");
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("unk_token", "<unk>");
        model.put("fuse_unk", true);
        model.put("byte_fallback", true);
        model.put("vocab", vocabulary);
        model.put("merges", List.of("h e", "S he", "\u2581 She"));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("added_tokens", added);
        root.put(
                "normalizer",
                Map.of(
                        "type",
                        "Sequence",
                        "normalizers",
                        List.of(Map.of("type", "Prepend", "prepend", "\u2581"), blocks)));
        root.put(
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
        root.put("model", model);
        SpecialTokens special = new SpecialTokens(OptionalInt.of(1), OptionalInt.of(2), Set.of(2), true);
        gguf(folder, GgufType.F16, Tokenizer.fromJson(JsonMapper.shared().writeValueAsBytes(root), special));
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
        try (Model model = Model.load(folder.resolve(file), 1, PackedFile.Verify.AT_ONCE)) {
            model.generate("She", new GenerateOptions(3, 0, 0, 1, List.of(), 0), piece -> {}, Cancellation.none());
        }
    }

    private static void words(Path folder) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), tokenizerJson());
        text(
                folder,
                "tokenizer_config.json",
                "{\"bos_token\": \"<s>\", \"add_bos_token\": true, \"tokenizer_class\": \"Any\"}");
        text(folder, "generation_config.json", "{\"eos_token_id\": [299, 3]}");
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

    private static void folder(Path folder) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), tokenizerJson());
        text(folder, "config.json", ConfigJson.write(CONFIG));
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
        text(folder, "model.safetensors.index.json", "{\"weight_map\": {" + map + "}}");
    }

    private static void open(Path folder) throws IOException {
        try (StoredModel model = StoredModel.open(folder);
                Arena arena = Arena.ofConfined()) {
            for (String name : model.shapes().keySet()) {
                model.values(name, arena);
            }
        }
    }

    private static void mask(Path folder) throws IOException {
        Path model = Files.createDirectory(folder.resolve("base"));
        folder(model);
        command("mask", "prune", "--method", "magnitude", "--model", model, "--out", folder.resolve("mask"));
    }

    private static void classifier(Path folder) throws IOException {
        StringBuilder items = new StringBuilder("text,label\n");
        for (int i = 0; i < 60; i++) {
            items.append(
                            i % 2 == 0
                                    ? "the lamp of house " + i + " is dark,light"
                                    : "the bin of house " + i + " is full,waste")
                    .append('\n');
        }
        text(folder, "a.csv", items.toString());
        text(folder, "concepts.txt", "broken lamp\nfull bin\nhouse\n");
        command(
                "concepts",
                "train",
                "--data",
                folder.resolve("a.csv"),
                "--concepts",
                folder.resolve("concepts.txt"),
                "--seeds",
                1,
                "--out",
                folder.resolve("model"));
    }

    private static void command(Object... words) {
        String[] arguments = List.of(words).stream().map(Object::toString).toArray(String[]::new);
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        var errors = new ByteArrayOutputStream();
        int status =
                dev.lapidary.app.Main.run(arguments, silent, new PrintStream(errors, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new InputException("a valid example must be made; got " + errors.toString(StandardCharsets.UTF_8));
        }
    }
}
