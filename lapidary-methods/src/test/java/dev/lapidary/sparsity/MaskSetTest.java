package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MaskSetTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    private LanguageModel model;

    @BeforeEach
    void create() {
        model = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 5);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void appliedMasksZeroExactlyWhatTheyDoNotKeep() {
        MaskSet set = Masks.of(model, TWO_OF_FOUR, 1);
        set.applyTo(model);

        for (LayerMask mask : set.layers().values()) {
            float[] base = Tensors.toFloats(model.parameter(mask.weight()));
            float[] read = Tensors.toFloats(model.value(mask.weight()));
            for (int i = 0; i < base.length; i++) {
                boolean kept = mask.keeps(i / mask.columns(), i % mask.columns());
                // as bits: a dropped negative weight must not be -0
                assertThat(Float.floatToRawIntBits(read[i])).isEqualTo(Float.floatToRawIntBits(kept ? base[i] : 0f));
            }
        }
        assertThat(set.baseDigest()).isEqualTo(model.digest());
    }

    @Test
    void anotherMaskReplacesTheFirstWhole() {
        MaskSet first = Masks.of(model, TWO_OF_FOUR, 1);
        List<LayerMask> some = List.copyOf(Masks.of(model, SparsityPattern.parse("1:4"), 2)
                        .layers()
                        .values())
                .subList(0, 3);
        MaskSet second = MaskSet.of(model, "wanda", SparsityPattern.parse("1:4"), some, new TreeMap<>());
        float[] dense = logits();
        float[] masked;
        try (TorchScope scope = TorchScope.open()) { // the model keeps what it reads, whatever scope was open
            first.applyTo(model);
        }
        masked = logits();
        second.applyTo(model);
        float[] other = logits();
        first.applyTo(model);

        assertThat(masked).isNotEqualTo(dense);
        assertThat(other).isNotEqualTo(masked);
        assertThat(logits()).isEqualTo(masked);
        Tensor replaced = model.value(Masks.Q);
        second.applyTo(model);
        assertThat(replaced.isNull()).as("freed").isTrue();
        assertThat(logits()).isEqualTo(other);
        model.restoreAll();
        assertThat(logits()).isEqualTo(dense);
    }

    @Test
    void updatedWeightsTakeThePlaceOfTheBases() {
        MaskSet masks = Masks.of(model, TWO_OF_FOUR, 1);
        LayerMask down = Masks.mask(masks, Masks.DOWN);
        float[] values = new float[(int) down.weights()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 1;
        }
        SequencedMap<String, float[]> updated = new LinkedHashMap<>(Map.of(Masks.DOWN, values));
        masks.withUpdatedWeights(updated).applyTo(model);

        float[] read = Tensors.toFloats(model.value(Masks.DOWN));
        for (int i = 0; i < read.length; i++) {
            assertThat(read[i]).isEqualTo(down.keeps(i / down.columns(), i % down.columns()) ? i + 1 : 0);
        }
    }

    @Test
    void anotherBaseIsRefusedAndTheModelLeftAlone() {
        MaskSet set = Masks.of(model, TWO_OF_FOUR, 1);
        try (LanguageModel other = LanguageModel.create(ModelConfig.llama(40, 16, 2, 2, 32), 6)) {
            assertThatThrownBy(() -> set.applyTo(other))
                    .isInstanceOf(InputException.class)
                    .hasMessage("masks must be applied to the model that they were made for, digest " + model.digest()
                            + "; got a model with digest " + other.digest());
            assertThat(other.value(Masks.Q)).isSameAs(other.parameters().get(Masks.Q));
        }
    }

    @Test
    void layersThatDoNotFitAreRefused() {
        refused(Masks.layer("model.embed_tokens.weight", 40, 16, TWO_OF_FOUR, 1), "prunable weights; got");
        refused(Masks.layer("model.layers.7.mlp.up_proj.weight", 4, 8, TWO_OF_FOUR, 1), "prunable weights; got");
        refused(
                Masks.layer(Masks.Q, 8, 32, TWO_OF_FOUR, 1),
                "the mask of " + Masks.Q + " must have the weight's shape [16, 16]; got [8, 32]");
    }

    private void refused(LayerMask mask, String message) {
        MaskSet set = new MaskSet(
                model.digest(),
                TWO_OF_FOUR,
                "wanda",
                new LinkedHashMap<>(Map.of(mask.weight(), mask)),
                new LinkedHashMap<>(),
                new TreeMap<>());
        assertThatThrownBy(() -> set.applyTo(model))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void densityCountsTheLayersThatStayDense() {
        MaskSet all = Masks.of(model, TWO_OF_FOUR, 1);
        assertThat(all.density()).isEqualTo(0.5);
        assertThat(all.denseLayers()).isEmpty();

        List<LayerMask> some = all.layers().values().stream()
                .filter(mask -> !mask.weight().equals(Masks.Q))
                .toList();
        MaskSet set = MaskSet.of(model, "wanda", TWO_OF_FOUR, some, new TreeMap<>());

        assertThat(set.denseLayers()).containsExactly(Masks.Q);
        assertThat(set.denseWeights()).isEqualTo(256);
        double prunable = all.weights();
        assertThat(set.density()).isEqualTo(((prunable - 256) / 2 + 256) / prunable);
    }

    private float[] logits() {
        try (TorchScope scope = TorchScope.open()) {
            Tensor tokens = Tensors.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6}, 1, 8);
            return Tensors.toFloats(model.logits(model.hidden(tokens)));
        }
    }
}
