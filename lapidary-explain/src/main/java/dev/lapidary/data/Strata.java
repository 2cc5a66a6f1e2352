package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Says of each item which stratum it counts for, so that parts can have their shares of every stratum. */
final class Strata {
    private Strata() {}

    /** One stratum for all items [n]. */
    static int[] none(SplitUnits units, int parts) {
        requireUnits(units, parts);
        return new int[units.items()];
    }

    /** The labels themselves [n], which must be one an item and at least 0, with a unit of each class for each part. */
    static int[] classes(SplitUnits units, int[] labels, int parts) {
        requireSize(units, "label", labels.length);
        int most = 0;
        for (int label : labels) {
            if (label < 0) {
                throw new IllegalArgumentException("labels must be at least 0; got " + label);
            }
            most = Math.max(most, label);
        }
        int[] holders = new int[most + 1];
        int[] last = new int[most + 1]; // unit + 1 that was counted last
        for (int u = 0; u < units.count(); u++) {
            for (int k = 0; k < units.groups().size(u); k++) {
                int label = labels[units.groups().member(u, k)];
                holders[label] += last[label] == u + 1 ? 0 : 1;
                last[label] = u + 1;
            }
        }
        for (int label = 0; label < holders.length; label++) {
            if (holders[label] > 0 && holders[label] < parts) {
                throw new InputException("every class must have items in at least " + parts
                        + " units of equal contents or groups, one for each part; got " + holders[label] + " of class "
                        + label);
            }
        }
        return labels;
    }

    /** Ranges of the units' mean targets [n], each with units for all parts; equal targets are in one range. */
    static int[] quantiles(SplitUnits units, double[] targets, int parts) {
        requireUnits(units, parts);
        double[] means = ofUnits(units, targets, Double::sum);
        Arrays.setAll(means, u -> means[u] / units.groups().size(u));
        int[] order = IntStream.range(0, means.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer u) -> means[u] + 0.0)) // -0.0 becomes 0.0
                .mapToInt(Integer::intValue)
                .toArray();
        int least = Math.max(parts, Math.ceilDiv(order.length, Splits.RANGES)); // units of a range
        int[] strata = new int[units.items()];
        int stratum = 0;
        int begun = 0;
        for (int place = 0; place < order.length; place++) {
            boolean tied = place > 0 && means[order[place]] == means[order[place - 1]];
            if (!tied && place - begun >= least && order.length - place >= parts) {
                stratum++;
                begun = place;
            }
            for (int k = 0; k < units.groups().size(order[place]); k++) {
                strata[units.groups().member(order[place], k)] = stratum;
            }
        }
        return strata;
    }

    /** Puts the values of each unit's items together [units]. */
    static double[] ofUnits(SplitUnits units, double[] values, DoubleBinaryOperator together) {
        requireSize(units, "value", values.length);
        double[] ofUnits = new double[units.count()];
        for (int u = 0; u < ofUnits.length; u++) {
            for (int k = 0; k < units.groups().size(u); k++) {
                double value = values[units.groups().member(u, k)];
                if (!Double.isFinite(value)) {
                    throw new InputException("values to divide by must be finite; got " + value + " for item "
                            + units.id(units.groups().member(u, k)));
                }
                ofUnits[u] = k == 0 ? value : together.applyAsDouble(ofUnits[u], value);
            }
        }
        return ofUnits;
    }

    private static void requireUnits(SplitUnits units, int parts) {
        if (units.count() < parts) {
            throw new InputException("there must be at least " + parts
                    + " units of equal contents or groups, one for each part; got " + units.count());
        }
    }

    private static void requireSize(SplitUnits units, String what, int size) {
        if (size != units.items()) {
            throw new IllegalArgumentException(
                    "every item must have a " + what + "; got " + size + " for " + units.items() + " items");
        }
    }
}
