package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    @TempDir
    Path folder;

    static Stream<String> architectures() {
        return TinyModels.configs().keySet().stream();
    }

    private static LanguageModel tiny(String name) {
        return TinyModels.random(name, 11);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aSavedModelOpensWithTheSameShapeWeightsAndLogits(String name) throws IOException {
        try (var model = tiny(name)) {
            model.save(folder, DType.F32);
            try (var opened = LanguageModel.open(folder);
                    var scope = TorchScope.open()) {
                assertThat(opened.config()).isEqualTo(model.config());
                assertThat(opened.digest()).isEqualTo(model.digest());
                var tokens = TinyModels.batch(1, 12, 2);
                assertThat(Tensors.toFloats(opened.hidden(tokens))).isEqualTo(Tensors.toFloats(model.hidden(tokens)));
            }
        }
    }

    @Test
    void halfPrecisionRoundsEveryWeightOnce() throws IOException {
        try (var model = tiny("gpt 2")) {
            model.save(folder, DType.F16);
            checkRounded(model, v -> Float.float16ToFloat(Float.floatToFloat16(v)), "float16");
        }
    }

    @Test
    void brainFloatsRoundEveryWeightOnce() throws IOException {
        try (var model = tiny("qwen 2")) {
            model.save(folder, DType.BF16);
            checkRounded(model, CheckpointTest::brain, "bfloat16");
        }
    }

    /** To the nearest, ties to even. */
    private static float brain(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
    }

    private void checkRounded(LanguageModel model, Function<Float, Float> rounded, String type) throws IOException {
        assertThat(folder.resolve("config.json")).content().contains("\"" + type + "\"");
        try (var opened = LanguageModel.open(folder)) {
            model.parameters().forEach((name, parameter) -> {
                float[] expected = Tensors.toFloats(parameter);
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = rounded.apply(expected[i]);
                }
                assertThat(Tensors.toFloats(opened.parameter(name))).as(name).isEqualTo(expected);
            });
        }
    }

    @Test
    void replacedWeightsAreWrittenOnRequestOnly() throws IOException {
        try (var model = tiny("llama");
                var scope = TorchScope.open()) {
            String weight = model.prunable().get(4);
            model.replace(weight, torch.zeros_like(model.parameter(weight)));
            model.saveReplaced(folder, DType.F32);
            try (var opened = LanguageModel.open(folder)) {
                assertThat(Arrays.equals(Tensors.toFloats(opened.parameter(weight)), new float[48 * 32]))
                        .isTrue();
            }
            model.save(folder, DType.F32);
            try (var opened = LanguageModel.open(folder)) {
                assertThat(opened.digest()).isEqualTo(model.digest());
            }
        }
    }

    @Test
    void fusedWeightsOfGpt2AreStoredInputsFirst() throws IOException {
        String name = "transformer.h.0.attn.c_attn.weight";
        try (var model = tiny("gpt 2")) {
            model.save(folder, DType.F32);
            float[] inMemory = Tensors.toFloats(model.parameter(name)); // [96, 32]
            try (var file = TensorFile.open(folder.resolve("model.safetensors"))) {
                TensorView stored = file.tensor(name);
                assertThat(stored.shape()).containsExactly(32L, 96L);
                assertThat(stored.toFloats()[5 * 96 + 70]).isEqualTo(inMemory[70 * 32 + 5]);
                assertThat(file.metadata()).containsEntry("format", "pt");
            }
        }
    }

    @Test
    void namesMayLackThePrefixAndBuffersAreIgnored() throws IOException {
        try (var model = tiny("gpt 2")) {
            model.save(folder, DType.F32);
            rewrite(views -> {
                List<TensorView> renamed = new ArrayList<>();
                for (TensorView v : views) {
                    String name = v.name().replaceFirst("^transformer\\.", "");
                    renamed.add(new TensorView(name, v.dtype(), v.shape(), v.data()));
                }
                renamed.add(TensorView.of("h.0.attn.bias", new float[4], 1, 1, 2, 2));
                return renamed;
            });
            try (var opened = LanguageModel.open(folder)) {
                assertThat(opened.digest()).isEqualTo(model.digest());
            }
        }
    }

    @Test
    void shardsOpenAsOneModel() throws IOException {
        try (var model = tiny("llama grouped")) {
            shards(model);
            assertThat(folder.resolve("model.safetensors")).doesNotExist();
            assertThat(folder.resolve("model-00001-of-00005.safetensors")).exists();
            try (var opened = LanguageModel.open(folder)) {
                assertThat(opened.digest()).isEqualTo(model.digest());
            }
        }
    }

    private void shards(LanguageModel model) throws IOException {
        new CheckpointWriter(folder, model.config(), DType.F32, 25_000).write(model.parameters());
    }

    @Test
    void anIndexThatNamesAMissingShardIsRefused() throws IOException {
        try (var model = tiny("llama")) {
            shards(model);
        }
        Files.delete(folder.resolve("model-00002-of-00005.safetensors"));

        refused(() -> LanguageModel.open(folder), "every shard must be in the folder; got none named model-00002");
    }

    @Test
    void aTruncatedShardIsRefused() throws IOException {
        try (var model = tiny("llama")) {
            shards(model);
        }
        try (var channel =
                FileChannel.open(folder.resolve("model-00002-of-00005.safetensors"), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 10);
        }

        refused(() -> LanguageModel.open(folder), "model-00002-of-00005.safetensors: tensors must fill the");
    }

    @Test
    void anIndexThatNamesAnotherTensorIsRefused() throws IOException {
        try (var model = tiny("llama")) {
            shards(model);
        }
        edit("model.safetensors.index.json", "model.norm.weight", "model.abnormal.weight");

        refused(() -> LanguageModel.open(folder), "must hold model.abnormal.weight; got one without it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model.safetensors", "/etc/model.safetensors", "a/b.safetensors", "weights.bin", "7"})
    void anIndexThatLeavesTheFolderIsRefused(String shard) throws IOException {
        try (var model = tiny("llama")) {
            shards(model);
        }
        edit("model.safetensors.index.json", "model-00001-of-00005.safetensors", shard);

        refused(
                () -> LanguageModel.open(folder),
                "must be the name of a .safetensors file in the folder; got \"" + shard);
    }

    @Test
    void missingTensorsAreListed() throws IOException {
        try (var model = tiny("llama")) {
            model.save(folder, DType.F32);
        }
        rewrite(views ->
                views.stream().filter(v -> !v.name().endsWith("k_proj.weight")).toList());
        refused(
                () -> LanguageModel.open(folder),
                "missing model.layers.0.self_attn.k_proj.weight, model.layers.1.self_attn.k_proj.weight");

        rewrite(views -> views.subList(0, 1));
        refused(() -> LanguageModel.open(folder), "missing model.layers.0", "and 24 more");
    }

    @Test
    void tensorsThatTheModelDoesNotUseAreRefused() throws IOException {
        try (var model = tiny("llama biases")) {
            model.save(folder, DType.F32);
        }
        edit("config.json", "\"attention_bias\" : true", "\"attention_bias\" : false");

        refused(() -> LanguageModel.open(folder), "no other tensors; got model.layers.0.self_attn.q_proj.bias", "more");
    }

    @Test
    void anotherShapeOrTypeIsRefused() throws IOException {
        try (var model = tiny("llama")) {
            model.save(folder, DType.F32);
        }
        String name = "model.layers.1.mlp.up_proj.weight";
        swap(name, TensorView.of(name, new float[32 * 47], 47, 32));
        refused(() -> LanguageModel.open(folder), name + " must have shape [48, 32] as config.json says; got [47, 32]");
        swap(name, TensorView.of(name, new double[32 * 48], 48, 32));
        refused(() -> LanguageModel.open(folder), name + " must be F32, F16 or BF16; got F64");
    }

    private void swap(String name, TensorView other) throws IOException {
        rewrite(views ->
                views.stream().map(v -> v.name().equals(name) ? other : v).toList());
    }

    @Test
    void aFolderWithoutWeightsIsRefused() throws IOException {
        refused(() -> LanguageModel.open(folder), "must have config.json; got none");
        refused(() -> LanguageModel.open(folder.resolve("no")), "got nothing at this path");
        try (var model = tiny("llama")) {
            model.save(folder, DType.F32);
        }
        Files.delete(folder.resolve("model.safetensors"));
        refused(() -> LanguageModel.open(folder), "must have model.safetensors or model.safetensors.index.json");
        Files.createFile(folder.resolve("pytorch_model.bin"));
        refused(() -> LanguageModel.open(folder), "got pytorch_model.bin only");
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {}}");
        refused(() -> LanguageModel.open(folder), "weight_map must name a shard for each tensor; got an empty one");
    }

    @Test
    void onlyFloatsAreWritten() {
        try (var model = tiny("llama")) {
            assertThatThrownBy(() -> model.save(folder, DType.I8)).hasMessageContaining("got I8");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void tokenizerFilesAreCopiedWhereTheyAre() throws IOException {
        Path to = Files.createDirectory(folder.resolve("to"));
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Files.writeString(folder.resolve("generation_config.json"), "{1}");
        Files.writeString(folder.resolve("other.json"), "{}");

        assertThat(TokenizerFiles.copy(folder, to)).containsExactly("tokenizer.json", "generation_config.json");
        assertThat(to.resolve("generation_config.json")).hasContent("{1}");
        assertThat(to.resolve("other.json")).doesNotExist();
    }

    private void rewrite(Function<List<TensorView>, List<TensorView>> change) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Path old = Files.move(file, folder.resolve("old"));
        try (var opened = TensorFile.open(old)) {
            SafetensorsWriter.write(
                    file, change.apply(List.copyOf(opened.tensors().values())), Map.of());
        }
        Files.delete(old);
    }

    private void edit(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replace(from, to));
    }

    private static void refused(ThrowingCallable open, String... parts) {
        assertThatThrownBy(open)
                .isInstanceOf(InputException.class)
                .message()
                .contains(parts)
                .doesNotContain("\n")
                .hasSizeLessThan(800);
    }
}
