package dev.lapidary.concept.explain;

import java.util.List;

/**
 * What interventions change for one item.
 *
 * @param before the class that was predicted
 * @param after the class that is predicted now
 * @param logits of every class, in class order
 */
public record ItemChange(String before, String after, List<ClassLogit> logits) {
    /** One class's logit before and after. */
    public record ClassLogit(String name, double before, double after) {}

    /** Whether the prediction is another. */
    public boolean flipped() {
        return !before.equals(after);
    }

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        if (flipped()) {
            lines.add("predicted: %s, before: %s", after, before);
        } else {
            lines.add("predicted: %s, as before", after);
        }
        logits.forEach(z -> lines.add("  logit of %s: %.3f, before: %.3f", z.name(), z.after(), z.before()));
        return lines.toString();
    }
}
