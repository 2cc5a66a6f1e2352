package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far two sets of masks are apart. A layer with a mask in one set only counts as kept whole in the other.
 *
 * @param sameBase whether both are for the same base model
 * @param total over all layers with a mask in either set
 * @param kinds the same for each kind of linear, such as {@code mlp.up_proj}, in the order of first appearance
 * @param layers the same for each layer, by parameter name
 */
public record MaskDifference(
        boolean sameBase, Share total, SequencedMap<String, Share> kinds, SequencedMap<String, Share> layers) {
    /** Keeps the order of both maps. */
    public MaskDifference {
        kinds = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(kinds));
        layers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(layers));
    }

    /**
     * What differs among some layers.
     *
     * @param groups of M columns; 0 where the two sets' groups have different sizes
     * @param groupsDiffering groups that keep other columns
     * @param entries mask entries, one for each weight
     * @param entriesDiffering entries that are kept in one set only
     */
    public record Share(long groups, long groupsDiffering, long entries, long entriesDiffering) {
        private static final Share NONE = new Share(0, 0, 0, 0);

        /** Returns the fraction of groups that differ, NaN where groups cannot be compared. */
        public double groupShare() {
            return groups == 0 ? Double.NaN : (double) groupsDiffering / groups;
        }

        /** Returns the fraction of mask entries that differ, NaN where there are none. */
        public double entryShare() {
            return entries == 0 ? Double.NaN : (double) entriesDiffering / entries;
        }

        private Share plus(Share other) {
            return new Share(
                    groups + other.groups,
                    groupsDiffering + other.groupsDiffering,
                    entries + other.entries,
                    entriesDiffering + other.entriesDiffering);
        }
    }

    /**
     * Compares two sets.
     *
     * @throws InputException where a layer has different sizes in the two
     */
    public static MaskDifference of(MaskSet first, MaskSet second) {
        Set<String> names = new LinkedHashSet<>(first.layers().keySet());
        names.addAll(second.layers().keySet());
        Share total = Share.NONE;
        SequencedMap<String, Share> kinds = new LinkedHashMap<>();
        SequencedMap<String, Share> layers = new LinkedHashMap<>();
        boolean sameGroups = first.pattern().of() == second.pattern().of();
        for (String name : names) {
            Share share = of(
                    first.layers().get(name),
                    second.layers().get(name),
                    sameGroups ? first.pattern().of() : 0);
            layers.put(name, share);
            kinds.merge(LinearName.of(name).kind(), share, Share::plus);
            total = total.plus(share);
        }
        return new MaskDifference(first.baseDigest().equals(second.baseDigest()), total, kinds, layers);
    }

    private static Share of(@Nullable LayerMask first, @Nullable LayerMask second, int groupSize) {
        if (first == null || second == null) {
            LayerMask only = first == null ? second : first;
            if (only == null) {
                return Share.NONE;
            }
            long groups = groupSize == 0 ? 0 : only.codes().length;
            return new Share(groups, groups, only.weights(), only.weights() - only.kept());
        }
        if (first.rows() != second.rows() || first.columns() != second.columns()) {
            throw new InputException(
                    "masks that are compared must be of the same sizes; got " + first + " and " + second);
        }
        return groupSize == 0 ? byEntries(first, second) : byGroups(first, second);
    }

    private static Share byGroups(LayerMask first, LayerMask second) {
        int[] one = first.pattern().positions();
        int[] other = second.pattern().positions();
        long groups = 0;
        long entries = 0;
        for (int g = 0; g < first.codes().length; g++) {
            int differing = Integer.bitCount(one[first.codes()[g]] ^ other[second.codes()[g]]);
            groups += differing == 0 ? 0 : 1;
            entries += differing;
        }
        return new Share(first.codes().length, groups, first.weights(), entries);
    }

    private static Share byEntries(LayerMask first, LayerMask second) {
        int[] one = first.pattern().positions();
        int[] other = second.pattern().positions();
        int ofOne = first.pattern().of();
        int ofOther = second.pattern().of();
        long entries = 0;
        for (int i = 0; i < first.weights(); i++) {
            int a = one[first.codes()[i / ofOne]] >>> i % ofOne & 1;
            int b = other[second.codes()[i / ofOther]] >>> i % ofOther & 1;
            entries += a ^ b;
        }
        return new Share(0, 0, first.weights(), entries);
    }
}
