package dev.lapidary.concept.explain;

import java.util.List;

/**
 * What a classifier looks for in one class, whatever the item.
 *
 * @param name of the class
 * @param bias its logit where every concept stands at its mean
 * @param speakFor concepts whose high score speaks for the class, largest weight first
 * @param speakAgainst concepts whose high score speaks against it, most negative weight first
 */
public record ClassProfile(String name, double bias, List<Weight> speakFor, List<Weight> speakAgainst) {
    /** One concept's weight: by how much the logit grows with each standard deviation that passes. */
    public record Weight(String concept, double weight) {}

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        lines.add("%s: bias %+.3f, the logit of an item with every score at its mean", name, bias);
        add(lines, "found, they speak for " + name + "; not found, against it:", speakFor);
        add(lines, "found, they speak against " + name + "; not found, for it:", speakAgainst);
        return lines.toString();
    }

    private static void add(Lines lines, String title, List<Weight> weights) {
        if (!weights.isEmpty()) {
            lines.add("  %s", title);
            weights.forEach(w -> lines.add("    weight %+.3f  %s", w.weight(), w.concept()));
        }
    }
}
