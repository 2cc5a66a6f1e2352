package dev.lapidary.metric;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Measures how much two divisions of the same items into clusters agree, whatever the clusters are called.
 *
 * @param mutualInformation in nats, at least 0
 * @param normalisedMutualInformation mutual information divided by the mean entropy of the two divisions, in [0, 1]; grows with the
 *     number of clusters even by chance; 1 where both divisions are one cluster
 * @param adjustedRand Rand index corrected so that chance has 0 on average and equal divisions have 1; 1 where both divisions are
 *     trivial in the same way (one cluster, or all items apart)
 * @see <a href="https://doi.org/10.1007/BF01908075">Hubert and Arabie 1985, Comparing partitions</a>
 */
public record ClusterAgreement(double mutualInformation, double normalisedMutualInformation, double adjustedRand) {
    /**
     * Compares two divisions.
     *
     * @param one cluster of each item, any numbers [n]
     * @param other cluster of each item in the other division [n]
     */
    public static ClusterAgreement of(int[] one, int[] other) {
        Sizes.requireSame("one division", one.length, "the other", other.length);
        int[] a = dense(one);
        int[] b = dense(other);
        long[] sizesA = sizes(a);
        long[] sizesB = sizes(b);
        SortedMap<Long, Long> joint = new TreeMap<>(); // a fixed order of the sum
        for (int i = 0; i < a.length; i++) {
            joint.merge((long) a[i] * sizesB.length + b[i], 1L, Long::sum);
        }
        double information = 0;
        double pairs = 0;
        double n = one.length;
        for (Map.Entry<Long, Long> entry : joint.entrySet()) {
            long cell = entry.getKey();
            long count = entry.getValue();
            double sizeA = sizesA[(int) (cell / sizesB.length)];
            double sizeB = sizesB[(int) (cell % sizesB.length)];
            information += count / n * Math.log(count * n / (sizeA * sizeB));
            pairs += pairs(count);
        }
        information = Math.max(0, information);
        double entropy = 0.5 * (entropy(sizesA, n) + entropy(sizesB, n));
        double normalised = entropy == 0 ? 1 : Math.min(1, information / entropy);
        return new ClusterAgreement(information, normalised, adjusted(pairs, sizesA, sizesB, n));
    }

    private static double adjusted(double pairs, long[] sizesA, long[] sizesB, double n) {
        double pairsA = 0;
        for (long size : sizesA) {
            pairsA += pairs(size);
        }
        double pairsB = 0;
        for (long size : sizesB) {
            pairsB += pairs(size);
        }
        double all = n * (n - 1) / 2;
        double expected = all == 0 ? 0 : pairsA * pairsB / all;
        double most = 0.5 * (pairsA + pairsB);
        return most == expected ? 1 : (pairs - expected) / (most - expected);
    }

    private static double pairs(long count) {
        return 0.5 * count * (count - 1);
    }

    private static double entropy(long[] sizes, double n) {
        double sum = 0;
        for (long size : sizes) {
            sum -= size / n * Math.log(size / n);
        }
        return sum;
    }

    /** Numbers clusters from 0 on in the order in which they come. */
    private static int[] dense(int[] division) {
        Map<Integer, Integer> numbers = new HashMap<>();
        int[] dense = new int[division.length];
        for (int i = 0; i < dense.length; i++) {
            int next = numbers.size();
            dense[i] = numbers.computeIfAbsent(division[i], cluster -> next);
        }
        return dense;
    }

    private static long[] sizes(int[] dense) {
        int most = 0;
        for (int cluster : dense) {
            most = Math.max(most, cluster);
        }
        long[] sizes = new long[most + 1];
        for (int cluster : dense) {
            sizes[cluster]++;
        }
        return sizes;
    }
}
