package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.PatternCodes;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one method decided to keep of one base model: a mask for each pruned linear layer and, for methods that change weights,
 * their new values.
 *
 * @param baseDigest digest of the base model
 * @param pattern the pattern of every layer
 * @param method what made the masks, such as {@code sparsegpt-update} or {@code maskllm}
 * @param layers parameter name to mask; prunable weights that are not listed stay dense
 * @param updatedWeights new weights [rows · columns] of layers whose weights the method changed, those that are not kept
 *     ignored; empty otherwise; not copied, so they must not be changed later
 * @param settings how the method was run, for people; some also list the layers that stay dense here
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

    /** The same masks with new weights for some layers. */
    public MaskSet withUpdatedWeights(SequencedMap<String, float[]> updated) {
        return new MaskSet(baseDigest, pattern, method, layers, updated, settings);
    }

    /** Returns the number of weights with a mask, kept or not. */
    public long weights() {
        return layers.values().stream().mapToLong(LayerMask::weights).sum();
    }

    /** Returns the prunable weights without a mask. */
    public List<String> denseLayers() {
        String names = settings.getOrDefault(DENSE_LAYERS, "");
        return names.isEmpty() ? List.of() : List.of(names.split(" "));
    }

    /** Returns how many weights those have. */
    public long denseWeights() {
        return Long.parseLong(settings.getOrDefault(DENSE_WEIGHTS, "0"));
    }

    /** Returns the fraction of prunable weights that are kept; layers that stay dense count where the settings name them. */
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
