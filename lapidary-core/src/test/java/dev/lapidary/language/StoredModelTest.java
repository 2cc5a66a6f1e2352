package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void refusesAFolderWithoutAModel() {
        assertThatThrownBy(() -> StoredModel.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got");
    }
}
