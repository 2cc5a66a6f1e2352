package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.StoredModel;
import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.MaskedLinear;
import dev.lapidary.linear.PatternCodes;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * What one method decided to keep of one base model: a mask for each pruned linear layer and, for methods that change weights,
 * their new values.
 *
 * <p>One base model serves many masks, of several methods, patterns or domains. They are listed and compared without the model,
 * and one is put on at a time; putting on another replaces it, and the base's own weights stay as they are:
 *
 * <pre>{@code
 * MaskSet law = MaskFolder.read(Path.of("masks/law"));
 * MaskSet news = MaskFolder.read(Path.of("masks/news"));
 * MaskDifference.of(law, news).total().entryShare(); // how far they are apart
 * try (LanguageModel model = LanguageModel.open(Path.of("base"))) {
 *     law.applyTo(model);
 *     answer(model, lawQuestion);
 *     news.applyTo(model); // the base again, with the other mask
 *     answer(model, newsQuestion);
 *     model.restoreAll(); // the dense base
 * }
 * }</pre>
 *
 * @param baseDigest digest of the base model, {@link LanguageModel#digest()}
 * @param pattern the pattern of every layer
 * @param method what made the masks, such as {@code sparsegpt-update} or {@code maskllm}
 * @param layers parameter name to mask; prunable weights that are not listed stay dense
 * @param updatedWeights new weights [rows · columns] of layers whose weights the method changed, those that are not kept
 *     ignored; empty otherwise; not copied, so they must not be changed later
 * @param settings how the method was run, for people; {@link #of} also lists the layers that stay dense here
 */
public record MaskSet(
        String baseDigest,
        SparsityPattern pattern,
        String method,
        SequencedMap<String, LayerMask> layers,
        SequencedMap<String, float[]> updatedWeights,
        SortedMap<String, String> settings) {
    /** The setting that names the prunable weights without a mask, with spaces between. */
    public static final String DENSE_LAYERS = "denseLayers";

    /** The setting that counts the weights of those. */
    public static final String DENSE_WEIGHTS = "denseWeights";

    /** Checks that names, patterns and sizes agree; throws {@link InputException} otherwise. */
    public MaskSet {
        layers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(layers));
        updatedWeights = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(updatedWeights));
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
        for (var entry : layers.entrySet()) {
            LayerMask mask = entry.getValue();
            if (!mask.weight().equals(entry.getKey()) || !mask.pattern().equals(pattern)) {
                throw new InputException(
                        "the mask of " + entry.getKey() + " must be its own and " + pattern + "; got " + mask);
            }
        }
        for (var entry : updatedWeights.entrySet()) {
            LayerMask mask = layers.get(entry.getKey());
            if (mask == null || entry.getValue().length != mask.weights()) {
                throw new InputException("updated weights of " + entry.getKey() + " must be those of "
                        + (mask == null ? "a layer with a mask" : mask) + "; got " + entry.getValue().length);
            }
        }
        requireCount(settings);
    }

    private static void requireCount(SortedMap<String, String> settings) {
        String count = settings.getOrDefault(DENSE_WEIGHTS, "0");
        if (!count.matches("[0-9]{1,18}")) {
            throw new InputException("setting " + DENSE_WEIGHTS + " must be a whole number; got " + count);
        }
    }

    /** Collects the masks of a model's layers and notes which prunable layers have none. */
    public static MaskSet of(
            LanguageModel base,
            String method,
            SparsityPattern pattern,
            Collection<LayerMask> masks,
            SortedMap<String, String> settings) {
        SequencedMap<String, LayerMask> layers = new LinkedHashMap<>();
        masks.forEach(mask -> layers.put(mask.weight(), mask));
        List<String> dense = new ArrayList<>(base.prunable());
        dense.removeAll(layers.keySet());
        SortedMap<String, String> noted = new TreeMap<>(settings);
        if (!dense.isEmpty()) {
            long weights = 0;
            for (String name : dense) {
                weights += base.parameter(name).numel();
            }
            noted.put(DENSE_LAYERS, String.join(" ", dense));
            noted.put(DENSE_WEIGHTS, Long.toString(weights));
        }
        return new MaskSet(base.digest(), pattern, method, layers, new LinkedHashMap<>(), noted);
    }

    /** The same masks with new weights for some layers. */
    public MaskSet withUpdatedWeights(SequencedMap<String, float[]> updated) {
        return new MaskSet(baseDigest, pattern, method, layers, updated, settings);
    }

    /**
     * Puts the masks on a model: its forward pass then reads weight times mask, or updated weight times mask, for the layers
     * listed here, and its own weights for all others. What was replaced before is restored first. The model owns the masked
     * weights, as much memory again as the layers listed here, until they are restored or replaced.
     *
     * @throws InputException where the model is another than the masks were made for, or a weight is missing or of another shape
     */
    public void applyTo(LanguageModel model) {
        requireBase(model.digest());
        requireShapes(
                model.prunable(),
                name -> List.of(
                        model.parameter(name).size(0), model.parameter(name).size(1)));
        model.restoreAll();
        for (LayerMask mask : layers.values()) {
            try (TorchScope scope = TorchScope.open()) {
                model.replace(mask.weight(), masked(model, mask));
            }
        }
    }

    private LinearForm masked(LanguageModel model, LayerMask mask) {
        float[] updated = updatedWeights.get(mask.weight());
        Tensor weight =
                updated == null ? model.parameter(mask.weight()) : Tensors.of(updated, mask.rows(), mask.columns());
        return MaskedLinear.of(weight, mask.places());
    }

    /** Refuses a model that the masks were not made for, as {@link #applyTo} does. */
    void requireFits(StoredModel model) {
        requireBase(model.digest());
        requireShapes(model.prunable(), model::denseShape);
    }

    private void requireBase(String digest) {
        if (!digest.equals(baseDigest)) {
            throw new InputException("masks must be applied to the model that they were made for, digest " + baseDigest
                    + "; got a model with digest " + digest);
        }
    }

    private void requireShapes(List<String> prunable, Function<String, List<Long>> shapes) {
        for (LayerMask mask : layers.values()) {
            if (!prunable.contains(mask.weight())) {
                throw new InputException("masks must be of the model's prunable weights; got " + mask);
            }
            List<Long> shape = shapes.apply(mask.weight());
            if (shape.get(0) != mask.rows() || shape.get(1) != mask.columns()) {
                throw new InputException("the mask of " + mask.weight() + " must have the weight's shape " + shape
                        + "; got [" + mask.rows() + ", " + mask.columns() + "]");
            }
        }
    }

    /** Returns the number of weights with a mask, kept or not. */
    public long weights() {
        return layers.values().stream().mapToLong(LayerMask::weights).sum();
    }

    /** Returns the prunable weights without a mask, where {@link #of} noted them. */
    public List<String> denseLayers() {
        String names = settings.getOrDefault(DENSE_LAYERS, "");
        return names.isEmpty() ? List.of() : List.of(names.split(" "));
    }

    /** Returns how many weights those have. */
    public long denseWeights() {
        return Long.parseLong(settings.getOrDefault(DENSE_WEIGHTS, "0"));
    }

    /** Returns the fraction of prunable weights that are kept; layers that stay dense count where {@link #of} noted them. */
    public double density() {
        long kept = layers.values().stream().mapToLong(LayerMask::kept).sum();
        long all = weights() + denseWeights();
        return all == 0 ? 1 : (double) (kept + denseWeights()) / all;
    }

    /** Returns the bytes that the packed codes of all layers take. */
    public long packedBytes() {
        return layers.values().stream()
                .mapToLong(mask -> PatternCodes.packedBytes(mask.codes().length, pattern))
                .sum();
    }

    /** Returns the bits that the packed codes take per weight with a mask. */
    public double bitsPerWeight() {
        return weights() == 0 ? 0 : 8.0 * packedBytes() / weights();
    }

    /** Whether base, pattern, method, masks, kept updated weights and settings are equal, bit for bit. */
    @Override
    public boolean equals(Object other) {
        return other instanceof MaskSet that
                && baseDigest.equals(that.baseDigest)
                && pattern.equals(that.pattern)
                && method.equals(that.method)
                && List.copyOf(layers.values()).equals(List.copyOf(that.layers.values()))
                && updatedWeights.keySet().equals(that.updatedWeights.keySet())
                && updatedWeights.keySet().stream()
                        .allMatch(name -> Arrays.equals(keptWeights(name), that.keptWeights(name)))
                && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(baseDigest, pattern, method, layers, settings);
    }

    /** Returns the updated weights of a layer that are kept [rows · columns · N / M], row after row. */
    float[] keptWeights(String name) {
        LayerMask mask = layers.get(name);
        float[] all = updatedWeights.get(name);
        if (mask == null || all == null) {
            throw new IllegalArgumentException("there must be updated weights of " + name);
        }
        float[] kept = new float[Math.toIntExact(mask.kept())];
        int[] places = mask.keptPlaces();
        for (int i = 0; i < kept.length; i++) {
            kept[i] = all[places[i]];
        }
        return kept;
    }
}
