package dev.lapidary.relative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.InputGram;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShot;
import dev.lapidary.sparsity.OneShotLayer;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotSettings;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A method that these tests alone know is found, prunes and is saved like any other. */
class RelativeImportanceTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    @TempDir
    private Path folder;

    /** Column sums 9, 3, 4.1, 5.2; row sums 10, 11.3: magnitude would keep the last of the second row. */
    @Test
    void keepsTheLargestShares() {
        assertThat(kept(1, 1, 1, 1)).containsExactly(0, 0, 1, 1, 1, 1, 0, 0);
    }

    /** The last input is 4 times as large, which doubles its column's scores: 0.674 now beats 0.422. */
    @Test
    void largeInputsCount() {
        assertThat(kept(1, 1, 1, 4)).containsExactly(0, 0, 1, 1, 1, 0, 0, 1);
    }

    private static double[] kept(float... inputs) {
        try (TorchScope scope = TorchScope.open();
                InputGram gram = new InputGram(4)) {
            gram.add(Tensors.of(inputs, 1, 1, 4));
            Tensor weight = Tensors.of(new float[] {1, 2, -3, 4, 8, 1, -1.1f, 1.2f}, 2, 4);
            var layer = OneShotLayer.of("w", weight, gram, TWO_OF_FOUR, OneShotSettings.defaults());
            byte[] codes = OneShotMethod.of("relative-importance").choose(layer).codes();
            double[] kept = new double[8];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = TWO_OF_FOUR.keeps(codes[i / 4], i % 4) ? 1 : 0;
            }
            return kept;
        }
    }

    @Test
    void prunesAModelAndIsSaved() throws IOException {
        var settings = new OneShotSettings(4, 16, 0.01, OneShotSettings.Flow.SEQUENTIAL, 1);
        int[] tokens = new SplittableRandom(5).ints(200, 0, 60).toArray();
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(60, 32, 2, 2, 16), 7)) {
            OneShotMethod method = OneShotMethod.of("relative-importance");
            MaskSet masks =
                    OneShot.prune(model, tokens, method, TWO_OF_FOUR, settings, Progress.silent(), Cancellation.none());
            MaskFolder.write(folder.resolve("mask"), masks);

            MaskSet read = MaskFolder.read(folder.resolve("mask"));
            assertThat(read.method()).isEqualTo("relative-importance");
            assertThat(read.layers()).isEqualTo(masks.layers()).hasSize(14);
            assertThat(read.density()).isEqualTo(0.5);
        }
    }

    @Test
    void aMistypedNameIsRefusedWithTheNearest() {
        assertThatThrownBy(() -> OneShotMethod.of("relative-importanc"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the one-shot method must be one of ")
                .hasMessageContaining("magnitude, ")
                .hasMessageEndingWith("; got relative-importanc; did you mean relative-importance?");
    }
}
