package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.linear.LinearKind;
import dev.lapidary.linear.LowRankLinear;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredModelTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"llama biases,F32", "gpt 2,F32", "gpt 2,F16", "qwen 3,BF16"})
    void givesWhatPyTorchReads(String name, DType type) throws IOException {
        try (LanguageModel random = TinyModels.random(name, 5)) {
            random.save(folder, type);
        }
        try (LanguageModel model = LanguageModel.open(folder);
                StoredModel stored = StoredModel.open(folder);
                Arena arena = Arena.ofConfined()) {
            assertThat(stored.config()).isEqualTo(model.config());
            assertThat(stored.prunable()).isEqualTo(model.prunable());
            assertThat(stored.shapes().sequencedKeySet())
                    .containsExactlyElementsOf(model.parameters().sequencedKeySet());
            model.parameters().forEach((parameter, tensor) -> {
                assertThat(stored.shapes().get(parameter))
                        .isEqualTo(LongStream.of(Tensors.shape(tensor)).boxed().toList());
                float[] values = stored.values(parameter, arena).toArray(ValueLayout.JAVA_FLOAT);
                assertThat(Arrays.equals(values, Tensors.toFloats(tensor)))
                        .as(parameter)
                        .isTrue();
            });
            assertThat(stored.digest()).isEqualTo(model.digest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama biases", "gpt 2"})
    void givesWhatTheFormsOfACompressedFolderAre(String name) throws IOException {
        Path base = Files.createDirectory(folder.resolve("base"));
        Path small = folder.resolve("small");
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        try (LanguageModel random = TinyModels.random(name, 5)) {
            String first = random.prunable().getFirst();
            String last = random.prunable().getLast();
            random.replace(first, LinearKind.of("masked").approximate(random.parameter(first)));
            random.replace(last, LowRankLinear.nearest(random.parameter(last), 3));
            CompressedCheckpoint.write(small, base, random, DType.F32);
        }
        try (LanguageModel model = LanguageModel.open(small);
                StoredModel stored = StoredModel.open(small);
                TorchScope scope = TorchScope.open();
                Arena arena = Arena.ofConfined()) {
            String first = model.prunable().getFirst();
            String last = model.prunable().getLast();
            assertThat(model.names().stream().filter(stored::compressed)).containsExactly(first, last);
            for (String parameter : model.names()) {
                float[] values = stored.values(parameter, arena).toArray(ValueLayout.JAVA_FLOAT);
                assertThat(Arrays.equals(values, Tensors.toFloats(model.value(parameter))))
                        .as(parameter)
                        .isTrue();
            }
            assertThat(stored.digest()).isEqualTo(model.digest());
            assertThat(stored.denseShape(model.prunable().get(1)))
                    .isEqualTo(stored.shapes().get(model.prunable().get(1)));
            assertThatThrownBy(() -> stored.denseShape(last))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(last + " as a dense weight; got a low-rank one");
        }
    }

    @Test
    void refusesAFolderWithoutAModel() {
        assertThatThrownBy(() -> StoredModel.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got");
    }
}
