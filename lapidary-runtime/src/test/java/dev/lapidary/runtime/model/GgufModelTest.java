package dev.lapidary.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.TokenReader;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.gguf.GgufKind;
import dev.lapidary.runtime.gguf.GgufTensor;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.gguf.GgufValue;
import dev.lapidary.runtime.gguf.GgufWriter;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.token.SpecialTokens;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GgufModelTest {
    private static final int TOKENS = 40;

    @TempDir
    private Path folder;

    private static ModelConfig config(ModelFamily family, RotaryScaling scaling) {
        boolean llama = family.llamaLike();
        return new ModelConfig(
                family,
                TOKENS,
                64,
                2,
                4,
                llama ? 2 : 4,
                16,
                96,
                128,
                128,
                1e-5,
                llama ? Activation.SILU : Activation.GELU_TANH,
                10_000,
                scaling,
                family == ModelFamily.QWEN2 || !llama,
                !llama,
                !llama,
                family == ModelFamily.QWEN3 || !llama,
                OptionalInt.of(1),
                List.of(2));
    }

    private static Tokenizer tokenizer() {
        String vocab = IntStream.range(0, TOKENS)
                .mapToObj(
                        i -> "\"%s\": %d".formatted(Character.toString('!' + i).replace("\"", "\\\""), i))
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
        String json = "{\"model\": {\"type\": \"BPE\", \"vocab\": {" + vocab + "}, \"merges\": []},"
                + " \"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true},"
                + " \"decoder\": {\"type\": \"ByteLevel\"}}";
        SpecialTokens special = new SpecialTokens(OptionalInt.of(1), OptionalInt.of(2), Set.of(2), true);
        return Tokenizer.fromJson(json.getBytes(StandardCharsets.UTF_8), special);
    }

    private static float weight(String name, long row, int column) {
        return (name.hashCode() % 1000 + row * 131 + column * 7) % 509 / 256f - 1;
    }

    private static void fill(String name, long row, float[] out) {
        for (int i = 0; i < out.length; i++) {
            out[i] = weight(name, row, i);
        }
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void aModelComesBackUnderItsOwnNames(ModelFamily family) throws IOException {
        ModelConfig config = config(family, new RotaryScaling.None());
        Path path = folder.resolve("a.gguf");
        GgufExport.write(
                path, GgufExport.Description.of("test"), config, tokenizer(), GgufType.F32, GgufModelTest::fill);
        try (GgufModel model = GgufModel.open(path)) {
            ModelFamily read = family == ModelFamily.MISTRAL ? ModelFamily.LLAMA : family;
            assertThat(model.config()).isEqualTo(config(read, new RotaryScaling.None()));
            assertThat(model.tokenizer().encode("ABC")).containsExactly(1, 32, 33, 34);
            model.shapes().forEach((name, shape) -> {
                float[] row = new float[Math.toIntExact(shape.getLast())];
                float[] expected = new float[row.length];
                for (long i = 0; i < (shape.size() == 1 ? 1 : shape.getFirst()); i++) {
                    model.row(name, i, row);
                    fill(name, i, expected);
                    assertThat(row).as(name + " " + i).isEqualTo(expected);
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = "Q4_0", mode = EnumSource.Mode.EXCLUDE)
    void matricesHaveTheTypeAndVectorsAreSingle(GgufType type) throws IOException {
        Path path = folder.resolve("a.gguf");
        GgufExport.write(
                path,
                GgufExport.Description.of("test"),
                config(ModelFamily.LLAMA, new RotaryScaling.None()),
                tokenizer(),
                type,
                GgufModelTest::fill);
        try (GgufModel model = GgufModel.open(path)) {
            assertThat(model.tensor("model.layers.1.mlp.up_proj.weight").type()).isEqualTo(type);
            assertThat(model.tensor("model.norm.weight").type()).isEqualTo(GgufType.F32);
        }
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = "Q4_0", mode = EnumSource.Mode.EXCLUDE)
    void weightsOfTheDecoderAreThoseOfTheFile(GgufType type) throws IOException {
        Path path = folder.resolve("a.gguf");
        ModelConfig config = config(ModelFamily.LLAMA, new RotaryScaling.None());
        GgufExport.write(path, GgufExport.Description.of("test"), config, tokenizer(), type, GgufModelTest::fill);
        GgufModel model = GgufModel.open(path);
        try (GgufWeights weights = new GgufWeights(model)) {
            for (String name : ParameterLayout.prunable(config, 1)) {
                DenseMatrix matrix = (DenseMatrix) weights.matrix(name);
                float[] expected = new float[matrix.columns()];
                float[] row = new float[matrix.columns()];
                for (int i = 0; i < matrix.rows(); i++) {
                    model.row(name, i, expected);
                    matrix.row(i, MemorySegment.ofArray(row));
                    assertThat(row).as(name + " " + i).isEqualTo(expected);
                }
            }
            assertThat(weights.vector("model.norm.weight")).hasSize(64);
        }
    }

    @Test
    void queriesAndKeysAreInterleavedWithinHeads() {
        ModelConfig config = config(ModelFamily.LLAMA, new RotaryScaling.None());
        String query = "model.layers.0.self_attn.q_proj.weight";

        // head 1 of width 16: its first half's entry 3, and its second half's
        assertThat(GgufNames.fileRow(config, query, 16 + 3)).isEqualTo(16 + 6);
        assertThat(GgufNames.fileRow(config, query, 16 + 8 + 3)).isEqualTo(16 + 7);
        for (int row = 0; row < 64; row++) {
            assertThat(GgufNames.checkpointRow(config, query, GgufNames.fileRow(config, query, row)))
                    .isEqualTo(row);
        }
        assertThat(GgufNames.fileRow(config, "model.layers.0.self_attn.v_proj.weight", 19))
                .isEqualTo(19);
        assertThat(GgufNames.fileRow(config(ModelFamily.QWEN2, new RotaryScaling.None()), query, 19))
                .isEqualTo(19);
    }

    @Test
    void namesAreLlamaCpps() {
        assertThat(GgufNames.of(ModelFamily.LLAMA, "model.layers.11.self_attn.o_proj.weight"))
                .isEqualTo("blk.11.attn_output.weight");
        assertThat(GgufNames.of(ModelFamily.QWEN3, "model.layers.0.self_attn.q_norm.weight"))
                .isEqualTo("blk.0.attn_q_norm.weight");
        assertThat(GgufNames.of(ModelFamily.GPT2, "transformer.h.3.ln_2.bias")).isEqualTo("blk.3.ffn_norm.bias");
        assertThat(GgufNames.of(ModelFamily.LLAMA, "lm_head.weight")).isEqualTo("output.weight");
        assertThatThrownBy(() -> GgufNames.of(ModelFamily.LLAMA, "model.layers.0.other.weight"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got model.layers.0.other.weight");
    }

    @Test
    void longContextsComeBack() throws IOException {
        Path path = folder.resolve("a.gguf");
        for (RotaryScaling scaling : List.of(
                new RotaryScaling.Linear(4),
                new RotaryScaling.Llama3(32, 1, 4, 8192),
                new RotaryScaling.Divided(List.of(1.0, 1.5, 2.0, 2.0, 3.0, 8.0, 8.5, 9.0)))) {
            ModelConfig config = config(ModelFamily.LLAMA, scaling);
            GgufExport.write(
                    path, GgufExport.Description.of("test"), config, tokenizer(), GgufType.F16, (name, row, out) -> {});
            try (GgufModel model = GgufModel.open(path)) {
                assertThat(model.config().rotaryScaling()).isEqualTo(scaling);
            }
        }
        RotaryScaling other = new RotaryScaling.Llama3(8, 1, 4, 64);
        ModelConfig config = config(ModelFamily.LLAMA, other);
        GgufExport.write(
                path, GgufExport.Description.of("test"), config, tokenizer(), GgufType.F16, (name, row, out) -> {});
        try (GgufModel model = GgufModel.open(path)) {
            RotaryScaling read = model.config().rotaryScaling();
            for (int i = 0; i < 8; i++) { // stored as float32
                double frequency = Math.pow(10_000, -i / 8.0);
                assertThat(read.scale(i, frequency)).isCloseTo(other.scale(i, frequency), withinPercentage(1e-5));
            }
        }
    }

    @Test
    void whatDoesNotFitTogetherNamesTheFile() throws IOException {
        Path path = folder.resolve("a.gguf");
        ModelConfig config = config(ModelFamily.LLAMA, new RotaryScaling.None());
        GgufExport.write(
                path, GgufExport.Description.of("test"), config, tokenizer(), GgufType.F32, (name, row, out) -> {});

        setNumber(path, "llama.rope.dimension_count", 8);
        refused(path, "llama.rope.dimension_count must be the width of a head, 16; got 8");
        setNumber(path, "llama.rope.dimension_count", 16);
        setNumber(path, "llama.attention.head_count_kv", 3);
        refused(path, "key-value heads");
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> GgufModel.open(path))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageContaining(message);
    }

    /** Sets a 32-bit number in the metadata: it stands behind its key and its kind. */
    private static void setNumber(Path path, String key, int value) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key) + key.length() + Integer.BYTES;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        Files.write(path, bytes);
    }

    @Test
    void aMissingParameterIsNamed() throws IOException {
        Path path = folder.resolve("a.gguf");
        GgufExport.write(
                path,
                GgufExport.Description.of("test"),
                config(ModelFamily.QWEN2, new RotaryScaling.None()),
                tokenizer(),
                GgufType.F32,
                GgufModelTest::fill);
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().text("general.architecture")).isEqualTo("qwen2");
        }
        byte[] bytes = Files.readAllBytes(path);
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("blk.1.attn_k.bias", "blk.1.attn_x.bias");
        Files.write(path, text.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> GgufModel.open(path))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have a tensor 'blk.1.attn_k.bias'");
    }

    /** Writes a small Llama whose metadata and tensors are changed. */
    private Path changed(Consumer<SequencedMap<String, GgufValue>> metadata, Consumer<List<GgufWriter.Entry>> tensors)
            throws IOException {
        return changed(ModelFamily.LLAMA, metadata, tensors);
    }

    private Path changed(
            ModelFamily family,
            Consumer<SequencedMap<String, GgufValue>> metadata,
            Consumer<List<GgufWriter.Entry>> tensors)
            throws IOException {
        Path plain = folder.resolve("plain.gguf");
        Path out = folder.resolve("changed.gguf");
        GgufExport.write(
                plain,
                GgufExport.Description.of("test"),
                config(family, new RotaryScaling.None()),
                tokenizer(),
                GgufType.F32,
                GgufModelTest::fill);
        try (GgufFile file = GgufFile.open(plain)) {
            SequencedMap<String, GgufValue> values =
                    new LinkedHashMap<>(file.metadata().values());
            metadata.accept(values);
            List<GgufWriter.Entry> entries = new ArrayList<>();
            for (GgufTensor tensor : file.tensors().values()) {
                entries.add(new GgufWriter.Entry(
                        tensor.name(), tensor.type(), tensor.shape(), (row, to) -> tensor.row(row, to, 0)));
            }
            tensors.accept(entries);
            GgufWriter.write(out, values, entries);
        }
        return out;
    }

    private static GgufWriter.Entry vector(String name, int length) {
        return new GgufWriter.Entry(name, GgufType.F32, List.of((long) length), (row, out) -> fill(name, row, out));
    }

    @Test
    void float16StaysAtTwoBytesAndMustBeFinite() throws IOException {
        String up = "model.layers.0.mlp.up_proj.weight";
        String tensor = "blk.0.ffn_up.weight";
        for (int at : new int[] {-1, 0, 3, 4, 64 * 96 - 1}) {
            Path path = changed(
                    values -> {},
                    tensors -> tensors.replaceAll(entry -> entry.name().equals(tensor)
                            ? new GgufWriter.Entry(tensor, GgufType.F16, List.of(96L, 64L), (row, out) -> {
                                fill(up, row, out);
                                int column = at - (int) row * 64;
                                if (at >= 0 && column >= 0 && column < 64) {
                                    out[column] = 1536; // 0x6600, as no other weight
                                }
                            })
                            : entry));
            if (at >= 0) {
                byte[] bytes = Files.readAllBytes(path);
                int last = bytes.length - 2;
                while (bytes[last] != 0 || bytes[last + 1] != 0x66) {
                    last -= 2;
                }
                bytes[last + 1] = (byte) (at % 2 == 0 ? 0xfc : 0x7e); // endless, or no number
                Files.write(path, bytes);
            }
            try (GgufWeights weights = new GgufWeights(GgufModel.open(path));
                    Arena arena = Arena.ofConfined()) {
                if (at >= 0) {
                    assertThatThrownBy(() -> weights.matrix(up))
                            .isInstanceOf(InputException.class)
                            .hasMessage("tensor '" + tensor + "' must have finite numbers; got one that is not");
                } else {
                    WeightMatrix matrix = weights.matrix(up);
                    assertThat(matrix.type()).isEqualTo(WeightType.F16);
                    assertThat(matrix.data().byteSize()).isEqualTo(2 * 64 * 96);
                    MemorySegment row = arena.allocate(4 * 64);
                    matrix.row(5, row);
                    assertThat(row.getAtIndex(ValueLayout.JAVA_FLOAT, 7)).isEqualTo(weight(up, 5, 7));
                }
            }
        }
    }

    private static RotaryScaling scaling(Path path) throws IOException {
        try (GgufModel model = GgufModel.open(path)) {
            return model.config().rotaryScaling();
        }
    }

    /** As llama.cpp reads them. */
    @Test
    void aFactorWithoutATypeIsLinear() throws IOException {
        GgufValue four = GgufValue.number(4);
        for (String key : List.of("llama.rope.scaling.factor", "llama.rope.scale_linear")) {
            assertThat(scaling(changed(values -> values.put(key, four), tensors -> {})))
                    .isEqualTo(new RotaryScaling.Linear(4));
        }
        assertThat(scaling(changed(
                        values -> {
                            values.put("llama.rope.scaling.type", new GgufValue.Text("none"));
                            values.put("llama.rope.scaling.factor", four);
                        },
                        tensors -> {})))
                .isEqualTo(new RotaryScaling.None());
        assertThat(scaling(changed(
                        values -> values.put("llama.rope.scaling.factor", GgufValue.number(2)),
                        tensors -> tensors.add(new GgufWriter.Entry(
                                GgufConfig.FREQUENCIES,
                                GgufType.F32,
                                List.of(8L),
                                (row, out) -> Arrays.fill(out, 3))))))
                .isEqualTo(new RotaryScaling.Divided(Collections.nCopies(8, 6.0)));
    }

    @ParameterizedTest
    @CsvSource({
        "llama.rope.scaling.attn_factor, 2, have no effect; got 2.0",
        "llama.expert_count, 8, have no effect; got 8.0",
        "llama.attention.new_kind, 1, 'be absent, since it is not supported; got 1.0'",
    })
    void metadataThatChangesTheCalculationIsRefused(String key, float value, String part) throws IOException {
        refused(changed(values -> values.put(key, GgufValue.number(value)), tensors -> {}), key + " must " + part);
    }

    @Test
    void metadataWithoutEffectIsPassedOver() throws IOException {
        Path path = changed(
                values -> {
                    values.put("llama.expert_count", GgufValue.size(0));
                    values.put("llama.rope.scaling.original_context_length", GgufValue.size(64));
                    values.put("tokenizer.chat_template", new GgufValue.Text("{{ x }}"));
                },
                tensors -> {});
        assertThat(scaling(path)).isEqualTo(new RotaryScaling.None());
    }

    @Test
    void aSizeMayBeAnArrayOfEqualValues() throws IOException {
        for (String key : List.of("attention.head_count", "attention.head_count_kv", "feed_forward_length")) {
            Path path = changed(values -> values.compute("llama." + key, (name, one) -> all(one, one)), tensors -> {});
            try (GgufModel model = GgufModel.open(path)) {
                assertThat(model.config()).isEqualTo(config(ModelFamily.LLAMA, new RotaryScaling.None()));
            }
        }
        refused(
                changed(
                        values -> values.compute(
                                "llama.attention.head_count", (name, one) -> all(one, GgufValue.size(8))),
                        tensors -> {}),
                "llama.attention.head_count must be the same for every block; got 4 and 8");
        refused(
                changed(values -> values.compute("llama.attention.head_count", (name, one) -> all(one)), tensors -> {}),
                "llama.attention.head_count must have a size of at least 1 for every block; got 1 of 4");
    }

    private static GgufValue all(GgufValue... values) {
        return new GgufValue.Items(GgufKind.UINT32, List.of(values));
    }

    @Test
    void aTensorThatNobodyReadsIsRefused() throws IOException {
        refused(
                changed(values -> {}, tensors -> tensors.add(vector("blk.0.attn_q.scale", 1))),
                "must have no tensors that this model does not use; got 'blk.0.attn_q.scale'");
        refused(
                changed(values -> {}, tensors -> tensors.add(vector("blk.1.attn_output.bias", 64))),
                "got 'blk.1.attn_output.bias'");
        refused(
                changed(ModelFamily.QWEN2, values -> {}, tensors -> tensors.add(vector("output.bias", TOKENS))),
                "got 'output.bias'");
        refused(
                changed(values -> {}, tensors -> tensors.add(vector("blk.0.attn_q.bias", 64))),
                "must have a tensor 'blk.0.attn_k.bias'");
    }

    /** A bias of zeros changes nothing, so that each model with some biases has the values of one with all of them. */
    @Test
    void biasesOfSomeLinearsAreRead() throws IOException {
        List<String> input = List.of("attn_q.bias", "attn_k.bias", "attn_v.bias");
        List<String> output = List.of("attn_output.bias");
        for (List<String> own : List.of(input, output)) {
            List<String> others = own.equals(input) ? output : input;
            float[] some = logits(changed(values -> {}, tensors -> biases(tensors, own, false)));
            float[] all = logits(changed(values -> {}, tensors -> {
                biases(tensors, own, false);
                biases(tensors, others, true);
            }));
            float[] none = logits(changed(values -> {}, tensors -> {}));

            assertThat(some).isEqualTo(all).isNotEqualTo(none);
        }
    }

    private static void biases(List<GgufWriter.Entry> tensors, List<String> names, boolean zero) {
        for (int block = 0; block < 2; block++) {
            for (String name : names) {
                int length = name.startsWith("attn_k") || name.startsWith("attn_v") ? 32 : 64;
                GgufWriter.Entry bias = vector("blk." + block + "." + name, length);
                tensors.add(
                        zero ? new GgufWriter.Entry(bias.name(), bias.type(), bias.shape(), (row, out) -> {}) : bias);
            }
        }
    }

    private static float[] logits(Path path) throws IOException {
        try (Model model = Model.open(path);
                TokenReader session = model.open(8)) {
            return session.read(new int[] {1, 5, 9}, Cancellation.none());
        }
    }

    @Test
    void aWindowIsWrittenBesideTheModelsContext() throws IOException {
        ModelConfig plain = config(ModelFamily.LLAMA, new RotaryScaling.None());
        String json = ConfigCodec.write(plain).replace("\"context\":128", "\"context\":128,\"trainedContext\":512");
        ModelConfig windowed = ConfigCodec.read("config", json);
        Path path = folder.resolve("window.gguf");
        GgufExport.write(
                path, GgufExport.Description.of("test"), windowed, tokenizer(), GgufType.F32, GgufModelTest::fill);
        try (GgufModel model = GgufModel.open(path)) {
            assertThat(model.config()).isEqualTo(windowed);
            try (GgufFile file = GgufFile.open(path)) {
                assertThat(file.metadata().whole("llama.context_length")).isEqualTo(512);
            }
        }
    }

    @Test
    void theChatTemplateIsWritten() throws IOException {
        Path path = folder.resolve("chat.gguf");
        var description = new GgufExport.Description("shells", Optional.of("{{ messages }}"));
        ModelConfig config = config(ModelFamily.LLAMA, new RotaryScaling.None());
        GgufExport.write(path, description, config, tokenizer(), GgufType.F32, GgufModelTest::fill);
        try (GgufModel model = GgufModel.open(path)) {
            assertThat(model.description()).isEqualTo(description);
        }
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().text("tokenizer.chat_template")).isEqualTo("{{ messages }}");
        }
    }
}
