package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.Familiarity;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.concept.explain.Explanation.ClassScore;
import dev.lapidary.concept.explain.Explanation.Contribution;
import dev.lapidary.concept.explain.Explanation.Missing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An explanation in words and tables: every number stands under its name, and what is left out is counted. */
final class ExplanationText {
    private static final int SHOWN = 12; // more than the 10 concepts a class that the documentation recommends

    private static final String UNKNOWN =
            "how far it lies from the training items is not known: the model does not remember them\n";

    private final Explanation explanation;

    ExplanationText(Explanation explanation) {
        this.explanation = explanation;
    }

    String text() {
        StringBuilder text = new StringBuilder("predicted: " + explanation.predicted() + "\n");
        Familiarity familiarity = explanation.familiarity();
        text.append(familiarity == null ? UNKNOWN : familiar(familiarity)).append('\n');
        text.append(classes()).append('\n').append(why(explanation.classes().getFirst()));
        if (!explanation.missingFor().equals(explanation.predicted())) {
            explanation.classes().stream()
                    .filter(c -> c.name().equals(explanation.missingFor()))
                    .forEach(c -> text.append('\n').append(whyNot(c)));
        }
        text.append('\n').append(key());
        Counterfactual counterfactual = explanation.counterfactual();
        return text + (counterfactual == null ? "" : "\n" + counterfactual.text());
    }

    private static String familiar(Familiarity f) {
        String figures = String.format(
                Locale.ROOT,
                "cosine distance %.3f to the %d nearest, farther out than %.0f %% of the training items; far: above %.3f (%.0f %%)",
                f.distance(),
                SeenItems.NEIGHBOURS,
                Math.floor(100 * f.quantile()),
                f.limit(),
                100 * Familiarity.LIMIT);
        return f.far()
                ? "FAR FROM THE TRAINING ITEMS, so that class and probabilities say little\n  " + figures + "\n"
                : "like the training items: " + figures + "\n";
    }

    private String classes() {
        ClassScore first = explanation.classes().getFirst();
        boolean probable = first.probability() != null;
        boolean calibrated = first.calibratedProbability() != null;
        TextTable table = new TextTable();
        table.row(cells("class", "logit", probable ? "probability" : null, calibrated ? "calibrated" : null));
        for (ClassScore c : head(explanation.classes())) {
            table.row(cells(
                    "  " + c.name(),
                    String.format(Locale.ROOT, "%.3f", c.logit()),
                    probable ? Lines.percent(Objects.requireNonNull(c.probability())) : null,
                    calibrated ? Lines.percent(Objects.requireNonNull(c.calibratedProbability())) : null));
        }
        List<ClassScore> rest = tail(explanation.classes());
        if (!rest.isEmpty()) {
            table.row(cells(
                    "  and " + count(rest.size(), "more class", "more classes") + " together",
                    "",
                    probable ? Lines.percent(sum(rest, ClassScore::probability)) : null,
                    calibrated ? Lines.percent(sum(rest, ClassScore::calibratedProbability)) : null));
        }
        return table.toString();
    }

    private interface Share {
        @Nullable
        Double of(ClassScore score);
    }

    private static double sum(List<ClassScore> classes, Share share) {
        return classes.stream()
                .mapToDouble(c -> Objects.requireNonNull(share.of(c)))
                .sum();
    }

    private String why(ClassScore winner) {
        return "why " + winner.name() + ":\n" + parts(winner);
    }

    private String whyNot(ClassScore other) {
        Lines lines = new Lines();
        lines.add("why not %s:", other.name());
        StringBuilder text = new StringBuilder(lines + parts(other));
        if (!explanation.missing().isEmpty()) {
            lines = new Lines();
            lines.add("what would speak more for %s, each alone:", other.name());
            for (Missing m : head(explanation.missing())) {
                lines.add(
                        "  were \"%s\" clearly found (score %+.2f instead of %+.2f), the logit of %s would be %.3f higher",
                        m.concept(), m.typicalHigh(), m.score(), other.name(), m.gain());
            }
            int rest = tail(explanation.missing()).size();
            if (rest > 0) {
                lines.add("  and %s", count(rest, "more concept", "more concepts"));
            }
            text.append(lines);
        }
        return text.toString();
    }

    /** The concepts in groups, the bias, and the logit that they sum to. */
    private String parts(ClassScore c) {
        boolean scored = explanation.scoreUnit() != null;
        TextTable table = new TextTable();
        table.row(cells("", scored ? "score" : null, scored ? "weight" : null, "contribution"));
        List<Contribution> shown = head(c.contributions());
        for (Evidence evidence : Evidence.values()) {
            List<Contribution> group =
                    shown.stream().filter(p -> p.evidence() == evidence).toList();
            if (!group.isEmpty()) {
                table.row("  " + evidence.title() + " " + c.name());
                group.forEach(p -> table.row(row(p, scored)));
            }
        }
        List<Contribution> rest = tail(c.contributions());
        if (!rest.isEmpty()) {
            double sum = rest.stream().mapToDouble(Contribution::value).sum();
            String name = "  and " + count(rest.size(), "smaller contribution", "smaller contributions") + " together";
            table.row(cells(name, scored ? "" : null, scored ? "" : null, signed(sum, 3)));
        }
        if (scored) {
            table.row("  bias", "", "", signed(c.bias(), 3));
        }
        table.row(
                cells("  sum: the logit of " + c.name(), scored ? "" : null, scored ? "" : null, signed(c.logit(), 3)));
        return table.toString();
    }

    private static String[] row(Contribution part, boolean scored) {
        return cells(
                "    " + part.concept(),
                scored ? signed(Objects.requireNonNull(part.score()), 2) : null,
                scored ? signed(Objects.requireNonNull(part.weight()), 3) : null,
                signed(part.value(), 3));
    }

    /** What the words of the tables mean, once. */
    private String key() {
        Lines lines = new Lines();
        String unit = explanation.scoreUnit();
        boolean gated = explanation.concepts().stream().anyMatch(c -> c.gate() != null);
        if (unit != null) {
            lines.add("score: how near the item is to the concept in meaning, in %s", unit);
            boolean judged = explanation.classes().stream()
                    .flatMap(c -> c.contributions().stream())
                    .anyMatch(c -> c.presence() != null);
            if (ScoreRange.STANDARDISED.equals(unit)) {
                lines.add(
                        "found: nearer than training items are on average; an item that denies the concept is near to it too");
            } else if (judged) {
                lines.add("found: the score is above its mean over the items given");
            } else {
                lines.add(
                        "found or not is not said: the published form of the method does not know the mean of a score");
            }
            lines.add(
                    "contribution: weight times %s; it raises (+) or lowers (-) the logit of the class",
                    gated ? "what of the score passes the concept's gate" : "score");
        } else {
            lines.add(
                    "contribution: it raises (+) or lowers (-) the score of the class; whether a concept is found is not known");
        }
        lines.add("logit: the class with the highest is predicted");
        if (explanation.classes().getFirst().probability() != null) {
            lines.add(
                    "probability: softmax of the logits, often too sure%s",
                    explanation.classes().getFirst().calibratedProbability() == null
                            ? ""
                            : "; calibrated: corrected on items that training did not fit");
        }
        return lines.toString();
    }

    private static String[] cells(@Nullable String... cells) {
        List<String> present = new ArrayList<>();
        for (String cell : cells) {
            if (cell != null) {
                present.add(cell);
            }
        }
        return present.toArray(String[]::new);
    }

    private static String signed(double value, int decimals) {
        return String.format(Locale.ROOT, "%+." + decimals + "f", value);
    }

    static String count(int n, String one, String several) {
        return n + " " + (n == 1 ? one : several);
    }

    private static <T> List<T> head(List<T> all) {
        return all.subList(0, Math.min(SHOWN, all.size()));
    }

    private static <T> List<T> tail(List<T> all) {
        return all.subList(Math.min(SHOWN, all.size()), all.size());
    }
}
