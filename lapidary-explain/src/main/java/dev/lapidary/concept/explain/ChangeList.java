package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which items of a data set interventions decide otherwise.
 *
 * @param items number of items
 * @param labelled number of items with a label
 * @param accuracyBefore share of labelled items that were right, absent without labels
 * @param accuracyAfter share that are right now, absent without labels
 * @param changes the items whose prediction changed, in data order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChangeList(
        int items,
        int labelled,
        @Nullable Double accuracyBefore,
        @Nullable Double accuracyAfter,
        List<Change> changes) {
    private static final int SHOWN = 20;

    /** One item's prediction before and after, and its label where it has one. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Change(
            String id,
            String before,
            String after,
            @Nullable String label) {}

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        lines.add("%d of %d predictions changed", changes.size(), items);
        if (accuracyBefore != null && accuracyAfter != null) {
            lines.add(
                    "accuracy %s -> %s over %d labelled items",
                    Lines.percent(accuracyBefore), Lines.percent(accuracyAfter), labelled);
        }
        for (Change c : changes.subList(0, Math.min(SHOWN, changes.size()))) {
            String label = c.label() == null ? "" : " (label " + c.label() + ")";
            lines.add("  %s: %s -> %s%s", c.id(), c.before(), c.after(), label);
        }
        if (changes.size() > SHOWN) {
            lines.add("  and %d more", changes.size() - SHOWN);
        }
        return lines.toString();
    }
}
