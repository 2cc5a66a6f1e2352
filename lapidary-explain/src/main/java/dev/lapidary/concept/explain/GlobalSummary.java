package dev.lapidary.concept.explain;

import java.util.List;

/**
 * What a classifier leans on over many items.
 *
 * @param items number of items that it was measured on
 * @param concepts number of concepts that it could choose from
 * @param unused number of concepts that decide for no class
 * @param nec effective concepts per class
 * @param ncc90 concepts that it takes to make up 90 % of a logit's absolute contributions, mean over items and classes
 * @param ncc95 the same for 95 %
 * @param importance the concepts that decide, largest mean absolute contribution first
 */
public record GlobalSummary(
        int items, int concepts, int unused, double nec, double ncc90, double ncc95, List<Importance> importance) {
    private static final int SHOWN = 20;

    /** A concept's mean absolute contribution over items and classes, in units of the logit. */
    public record Importance(String concept, double meanAbsoluteContribution) {}

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        lines.add("%d of %d concepts decide, %.2f per class (NEC)", concepts - unused, concepts, nec);
        lines.add("%.2f make up 90 %% of a logit, %.2f make up 95 %% (NCC), over %d items", ncc90, ncc95, items);
        lines.add("mean absolute contribution to a logit, over items and classes:");
        for (Importance i : importance.subList(0, Math.min(SHOWN, importance.size()))) {
            lines.add("  %.4f %s", i.meanAbsoluteContribution(), i.concept());
        }
        int rest = importance.size() - SHOWN;
        if (rest > 0) {
            lines.add("  and %s", ExplanationText.count(rest, "more concept", "more concepts"));
        }
        return lines.toString();
    }
}
