package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/** Masks of random codes for tests. */
final class Masks {
    static final String Q = "model.layers.0.self_attn.q_proj.weight";
    static final String DOWN = "model.layers.0.mlp.down_proj.weight";
    static final String DIGEST = "0123456789abcdef".repeat(4);

    private Masks() {}

    static LayerMask layer(String weight, int rows, int columns, SparsityPattern pattern, long seed) {
        Random random = new Random(seed);
        byte[] codes = new byte[rows * columns / pattern.of()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(pattern.count());
        }
        return new LayerMask(weight, rows, columns, pattern, codes);
    }

    static MaskSet set(SparsityPattern pattern, LayerMask... masks) {
        SequencedMap<String, LayerMask> layers = new LinkedHashMap<>();
        List.of(masks).forEach(mask -> layers.put(mask.weight(), mask));
        return new MaskSet(
                DIGEST, pattern, "wanda", layers, new LinkedHashMap<>(), new TreeMap<>(Map.of("sequences", "128")));
    }

    /** The mask of a layer that has one. */
    static LayerMask mask(MaskSet set, String weight) {
        return Objects.requireNonNull(set.layers().get(weight), weight);
    }

    /** The updated weights of a layer that has them. */
    static float[] weights(MaskSet set, String weight) {
        return Objects.requireNonNull(set.updatedWeights().get(weight), weight);
    }

    /** Random masks of all prunable layers of a model. */
    static MaskSet of(LanguageModel model, SparsityPattern pattern, long seed) {
        List<LayerMask> masks = new ArrayList<>();
        for (String name : model.prunable()) {
            Tensor weight = Objects.requireNonNull(model.parameters().get(name));
            masks.add(layer(name, (int) weight.size(0), (int) weight.size(1), pattern, seed + masks.size()));
        }
        return MaskSet.of(model, "wanda", pattern, masks, new TreeMap<>(Map.of("sequences", "128")));
    }

    /** Two layers, the second with updated weights. */
    static MaskSet updated(SparsityPattern pattern) {
        LayerMask down = layer(DOWN, 3, 4 * pattern.of(), pattern, 2);
        float[] weights = new float[(int) down.weights()];
        Random random = new Random(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        SequencedMap<String, float[]> all = new LinkedHashMap<>();
        all.put(DOWN, weights);
        return set(pattern, layer(Q, 5, 3 * pattern.of(), pattern, 1), down).withUpdatedWeights(all);
    }
}
