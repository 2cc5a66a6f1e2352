package dev.lapidary.sparsity;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a set of masks holds, for people and programs; the model is not needed.
 *
 * @param method what made the masks
 * @param pattern N:M
 * @param patterns the pattern of each code, a 1 for a kept column
 * @param base digest of the base model
 * @param density fraction of prunable weights that are kept
 * @param weights with a mask, kept or not
 * @param bitsPerWeight of the packed codes
 * @param bytesOfCodes of the packed codes
 * @param updatedLayers number of layers whose weights the method changed
 * @param denseLayers prunable weights without a mask, where the folder names them
 * @param kinds by kind of linear, in the order of first appearance
 */
public record MaskSummary(
        String method,
        String pattern,
        List<String> patterns,
        String base,
        double density,
        long weights,
        double bitsPerWeight,
        long bytesOfCodes,
        int updatedLayers,
        List<String> denseLayers,
        SequencedMap<String, Kind> kinds) {
    /** Copies lists and map. */
    public MaskSummary {
        patterns = List.copyOf(patterns);
        denseLayers = List.copyOf(denseLayers);
        kinds = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(kinds));
    }

    /**
     * The layers of one kind.
     *
     * @param layers with a mask
     * @param dense layers of the kind that the folder names as dense
     * @param weights with a mask
     * @param histogram groups that have each code [count]
     */
    public record Kind(int layers, int dense, long weights, List<Long> histogram) {
        private Kind plus(Kind other) {
            List<Long> sums = new ArrayList<>();
            for (int code = 0; code < histogram.size(); code++) {
                sums.add(histogram.get(code) + other.histogram.get(code));
            }
            return new Kind(layers + other.layers, dense + other.dense, weights + other.weights, List.copyOf(sums));
        }

        /** Returns the fraction of groups that have a code, NaN where there are none. */
        public double share(int code) {
            long groups = histogram.stream().mapToLong(Long::longValue).sum();
            return groups == 0 ? Double.NaN : (double) histogram.get(code) / groups;
        }
    }

    /** Sums up a set. */
    public static MaskSummary of(MaskSet set) {
        SequencedMap<String, Kind> kinds = new LinkedHashMap<>();
        for (LayerMask mask : set.layers().values()) {
            List<Long> histogram = new ArrayList<>();
            for (long groups : mask.histogram()) {
                histogram.add(groups);
            }
            kinds.merge(
                    LinearName.of(mask.weight()).kind(),
                    new Kind(1, 0, mask.weights(), List.copyOf(histogram)),
                    Kind::plus);
        }
        List<Long> none = Collections.nCopies(set.pattern().count(), 0L);
        for (String dense : set.denseLayers()) {
            kinds.merge(LinearName.of(dense).kind(), new Kind(0, 1, 0, none), Kind::plus);
        }
        return new MaskSummary(
                set.method(),
                set.pattern().toString(),
                MaskManifest.patterns(set.pattern()),
                set.baseDigest(),
                set.density(),
                set.weights(),
                set.bitsPerWeight(),
                set.packedBytes(),
                set.updatedWeights().size(),
                set.denseLayers(),
                kinds);
    }
}
