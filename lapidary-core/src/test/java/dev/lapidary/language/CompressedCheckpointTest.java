package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.LinearKind;
import dev.lapidary.linear.LowRankLinear;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose linear layers stand in forms of every kind that is found: running, training, writing, reading, materialising. */
class CompressedCheckpointTest {
    private static final String UP = "model.layers.1.mlp.up_proj.weight";

    @TempDir
    private Path temporary;

    private Path base;
    private Path small;

    @BeforeEach
    void folders() throws IOException {
        base = Files.createDirectory(temporary.resolve("base"));
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        small = temporary.resolve("small");
    }

    static Stream<Arguments> kindsAndModels() {
        return LinearKind.all().stream()
                .flatMap(kind -> Stream.of("llama", "gpt 2").map(name -> Arguments.of(kind.name(), name)));
    }

    /** Every second linear layer stands in a form of the kind. */
    private static LanguageModel model(String kind, String name) {
        LanguageModel model = TinyModels.random(name, 7);
        List<String> prunable = model.prunable();
        for (int i = 0; i < prunable.size(); i += 2) {
            String weight = prunable.get(i);
            model.replace(weight, LinearKind.of(kind).approximate(model.parameter(weight)));
        }
        return model;
    }

    @ParameterizedTest
    @MethodSource("kindsAndModels")
    void aModelInFormsIsThatOfTheirMaterialisedWeights(String kind, String name) {
        try (LanguageModel model = model(kind, name);
                TorchScope scope = TorchScope.open()) {
            float[] inForms = logits(model);
            for (String weight : model.prunable()) {
                model.replace(weight, model.value(weight).detach());
                assertThat(model.form(weight).kind()).isEqualTo("dense");
            }
            assertThat(logits(model)).containsExactly(inForms, within(1e-3f)); // logits of up to some tens
            model.restoreAll();
            try (LanguageModel untouched = TinyModels.random(name, 7)) {
                assertThat(logits(model)).isEqualTo(logits(untouched));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kindsAndModels")
    void whatIsReadRunsAsWhatWasWritten(String kind, String name) throws IOException {
        try (LanguageModel model = model(kind, name)) {
            CompressedCheckpoint.Size size = CompressedCheckpoint.write(small, base, model, DType.F32);
            try (LanguageModel read = LanguageModel.open(small)) {
                assertThat(read.names()).isEqualTo(model.names());
                for (String weight : model.prunable()) {
                    assertThat(read.form(weight).kind())
                            .as(weight)
                            .isEqualTo(model.form(weight).kind());
                }
                assertThat(logits(read)).isEqualTo(logits(model));
                assertThat(perplexity(read)).isEqualTo(perplexity(model));
                assertThat(CompressedCheckpoint.Size.of(read, DType.F32)).isEqualTo(size);
            }
        }
        assertThat(small.resolve("tokenizer.json")).hasContent("{}");
        assertThat(small.resolve("model.safetensors")).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("kindsAndModels")
    void theMaterialisedCheckpointIsAnOrdinaryOne(String kind, String name) throws IOException {
        Path ordinary = temporary.resolve("ordinary");
        try (LanguageModel model = model(kind, name)) {
            CompressedCheckpoint.write(small, base, model, DType.F32);
            CompressedCheckpoint.materialise(small, ordinary, DType.F32);
            try (LanguageModel read = LanguageModel.open(ordinary);
                    TorchScope scope = TorchScope.open()) {
                assertThat(read.parameters().keySet()).containsExactlyElementsOf(model.names());
                for (String weight : model.names()) {
                    assertThat(Tensors.toFloats(read.parameter(weight)))
                            .as(weight)
                            .isEqualTo(Tensors.toFloats(model.value(weight)));
                }
                assertThat(logits(read)).containsExactly(logits(model), within(1e-3f));
            }
        }
        assertThat(ordinary.resolve("tokenizer.json")).hasContent("{}");
        try (TensorFile file = TensorFile.open(ordinary.resolve("model.safetensors"))) {
            List<Long> stored = name.equals("gpt 2")
                    ? file.tensor("transformer.h.0.mlp.c_fc.weight").shape()
                    : file.tensor("model.layers.0.mlp.up_proj.weight").shape().reversed();
            assertThat(stored).containsExactly(32L, 48L); // inputs first in GPT-2's files
        }
    }

    @Test
    void smallerTypesRoundTheValuesOfForms() throws IOException {
        try (LanguageModel model = model("low-rank", "llama")) {
            CompressedCheckpoint.write(small, base, model, DType.BF16);
            try (LanguageModel read = LanguageModel.open(small)) {
                assertThat(logits(read)).isNotEqualTo(logits(model));
                CompressedCheckpoint.write(temporary.resolve("again"), base, read, DType.BF16);
            }
        }
        assertThat(Files.readAllBytes(temporary.resolve("again/compressed.safetensors")))
                .isEqualTo(Files.readAllBytes(small.resolve("compressed.safetensors")));
        assertThat(LanguageModel.storedType(small)).isEqualTo(DType.BF16);
    }

    @Test
    void sizesAreThoseCountedByHand() {
        try (LanguageModel model = TinyModels.random("llama", 7)) {
            model.replace(UP, LowRankLinear.nearest(model.parameter(UP), 5)); // [48, 32]
            long dense = 3 * (4 * 32 * 32 + 3 * 32 * 48);
            long all = dense - 32 * 48 + 5 * (32 + 48);

            assertThat(CompressedCheckpoint.Size.of(model, DType.F16))
                    .isEqualTo(new CompressedCheckpoint.Size(2 * all, 2 * dense, all, dense));
        }
    }

    @Test
    void aReadModelTrainsItsFactors() throws IOException {
        write();
        int threads = Torch.threads();
        try (LanguageModel read = LanguageModel.open(small)) {
            assertThat(read.parameters().keySet())
                    .contains("model.layers.1.mlp.up_proj.u", "model.layers.1.mlp.up_proj.vt")
                    .doesNotContain(UP);
            float[] one = gradients(read, 1);
            assertThat(gradients(read, 2)).isEqualTo(one);
            assertThat(one).isNotEqualTo(new float[one.length]);
        } finally {
            Torch.setThreads(threads);
        }
    }

    /** The gradient of the first factor, of passes on several threads. */
    private static float[] gradients(LanguageModel model, int threads) {
        Torch.setThreads(threads);
        int[] text = Arrays.stream(TinyModels.tokens(50, 1))
                .mapToInt(Math::toIntExact)
                .toArray();
        Tensor u = model.parameter("model.layers.1.mlp.up_proj.u");
        u.set_requires_grad(true);
        try (Microbatches<LanguageModel> passes = new Microbatches<>(model, 4);
                TorchScope scope = TorchScope.open()) {
            new NextTokenLoss(text, 12).gradients(passes, new int[] {0, 12, 24, 36}, 1, false);
            float[] gradient = Tensors.toFloats(u.grad());
            u.mutable_grad().reset();
            return gradient;
        }
    }

    @Test
    void aWeightThatIsNoMatrixIsNamedWhereOneIsNeeded() throws IOException {
        write();
        try (LanguageModel read = LanguageModel.open(small)) {
            assertThatThrownBy(() -> read.parameter(UP))
                    .isInstanceOf(InputException.class)
                    .hasMessage("the model must hold " + UP + " as a dense weight; got a low-rank one (write the model"
                            + " with dense weights first)");
            assertThatThrownBy(() -> read.form("model.norm.weight")).hasMessageContaining("got model.norm.weight");
        }
    }

    @Test
    void aFormIsHandedBackAndPutInPlaceAgain() {
        try (LanguageModel model = TinyModels.random("llama", 7);
                LinearForm wrong = LinearKind.of("dense").approximate(model.parameter(UP))) {
            float[] dense = logits(model);
            model.replace(UP, LowRankLinear.nearest(model.parameter(UP), 5));
            float[] lowRank = logits(model);
            LinearForm form = model.release(UP);

            assertThat(logits(model)).isEqualTo(dense).isNotEqualTo(lowRank);
            model.replace(UP, form);
            assertThat(logits(model)).isEqualTo(lowRank);
            model.restore(UP);
            assertThat(form.parameters().firstEntry().getValue().isNull())
                    .as("freed")
                    .isTrue();
            assertThatThrownBy(() -> model.release(UP)).hasMessageContaining("must be replaced to be released");
            assertThatThrownBy(() -> model.replace(model.prunable().getFirst(), wrong))
                    .hasMessageContaining("must have shape [32, 32]; got [48, 32]");
        }
    }

    @Test
    void nothingIsLeftOfACompressedModel() throws IOException {
        write();
        use();
        long before = Pointer.totalCount();
        use();
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private void use() throws IOException {
        try (LanguageModel read = LanguageModel.open(small)) {
            logits(read);
            CompressedCheckpoint.write(temporary.resolve("again"), base, read, DType.F16);
            read.save(Files.createDirectories(temporary.resolve("dense")), DType.F32);
            read.saveReplaced(temporary.resolve("dense"), DType.F32);
        }
    }

    private void write() throws IOException {
        try (LanguageModel model = model("low-rank", "llama")) {
            model.replace(UP, LowRankLinear.nearest(model.parameter(UP), 5));
            CompressedCheckpoint.write(small, base, model, DType.F32);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lapidary-compressed-model;lapidary-mask;format must be lapidary-compressed-model version 1; got lapidary-mask",
                "\"version\" : 1;\"version\" : 2;version 1; got lapidary-compressed-model version 2",
                "\"kind\" : \"low-rank\";\"kind\" : \"no-such-kind\";got no-such-kind",
                "\"rank\" : \"5\";\"rank\" : \"6\";tensor u of a low-rank layer must have shape [48, 6]; got [48, 5]",
                "\"rank\" : \"5\";\"rank\" : \"five\";setting rank of a low-rank layer must be a whole number from 1 to 32; got",
                "\"rank\" : \"5\";\"order\" : \"5\";must have the setting rank; got {order=5}",
                "layers.1.mlp.up_proj;layers.7.mlp.up_proj;must name linear weights of the blocks",
                "\"layers\" : {;\"nothing\" : {;missing model.layers.0.self_attn.q_proj.weight",
                "{;[;must be JSON"
            })
    void aManifestThatDoesNotFitIsRefused(String change) throws IOException {
        write();
        Path file = small.resolve("lapidary.json");
        String[] parts = change.split(";", 3);
        String text = Files.readString(file);
        assertThat(text).contains(parts[0]);
        Files.writeString(file, text.replace(parts[0], parts[1]));

        refused(parts[2]);
    }

    @Test
    void aFolderWithoutManifestIsRefused() throws IOException {
        write();
        Files.delete(small.resolve("lapidary.json"));

        refused("must hold lapidary.json; got none");
        assertThatThrownBy(() -> CompressedCheckpoint.materialise(base, temporary.resolve("no"), DType.F32))
                .isInstanceOf(InputException.class);
    }

    private void refused(String message) {
        assertThatThrownBy(() -> LanguageModel.open(small).close())
                .isInstanceOf(InputException.class)
                .message()
                .startsWith(small.toString())
                .contains(message)
                .doesNotContain("\n");
    }

    private static double perplexity(LanguageModel model) {
        int[] tokens = Arrays.stream(TinyModels.tokens(200, 2))
                .mapToInt(Math::toIntExact)
                .toArray();
        return Perplexity.measure(model, tokens, Protocol.HF, 24, Progress.silent(), Cancellation.none())
                .perplexity();
    }

    private static float[] logits(LanguageModel model) {
        try (TorchScope scope = TorchScope.open()) {
            return Tensors.toFloats(model.logits(model.hidden(TinyModels.batch(2, 10, 4))));
        }
    }
}
