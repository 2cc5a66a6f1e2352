package dev.lapidary.concept.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.concept.classifier.Baseline;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.explain.Lines;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a classifier decides by what its concepts mean, or by whatever else their scores carry.
 *
 * <p>Three controls: the same method over random words and random directions in the concepts' place; the concepts with their names
 * shuffled; and a head that sees what the concepts cannot express.
 *
 * @param controls random words and random directions, as training measured them
 * @param names absent where weights or the class names' embeddings are
 * @param residual absent where the deciding concepts span the whole embedding space or there are too few items
 * @param notes what was not measured and why
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LeakageAudit(
        List<ControlGap> controls,
        @Nullable NameAlignment names,
        @Nullable ResidualGap residual,
        List<String> notes) {
    /**
     * The method over something random in the concepts' place.
     *
     * @param control id of the baseline
     * @param accuracy of the control
     * @param gap the method's accuracy minus the control's
     * @param low lower end of the gap's 95 % interval
     * @param high upper end
     */
    public record ControlGap(String control, double accuracy, double gap, double low, double high) {
        /** Whether the named concepts are better than random ones beyond doubt. */
        public boolean above() {
            return low > 0;
        }
    }

    /** Audits a classifier on labelled items [n, d]; the encoder embeds the class names. */
    public static LeakageAudit of(ConceptClassifier classifier, AuditItems items, TextEncoder encoder) {
        try (EncodedTexts encoded = classifier.encodeNames(encoder, classifier.classes(), Progress.silent())) {
            EmbeddingMatrix rows = encoded.embeddings();
            float[][] vectors = new float[rows.rows()][];
            for (int k = 0; k < vectors.length; k++) {
                vectors[k] = rows.row(k);
            }
            return of(classifier, items, vectors);
        }
    }

    /**
     * Audits a classifier on labelled items.
     *
     * @param classVectors embeddings of the class names [K, d], any length; null where they are not known
     */
    public static LeakageAudit of(ConceptClassifier classifier, AuditItems items, float @Nullable [][] classVectors) {
        int best = classifier.bestSeed();
        AuditItems.Parts parts = items.parts(classifier.splits().get(best));
        if (parts.judge().length == 0) {
            throw new InputException(
                    "an audit must have items to judge on; got " + items.ids().size() + " in all");
        }
        List<String> notes = new ArrayList<>();
        NameAlignment names = names(classifier, items, parts, classVectors, notes);
        ResidualGap residual = residual(classifier, items, parts, notes);
        return new LeakageAudit(controls(classifier.report(), notes), names, residual, List.copyOf(notes));
    }

    static List<ControlGap> controls(Report report, List<String> notes) {
        List<ControlGap> gaps = new ArrayList<>();
        for (Baseline control : List.of(Baseline.RANDOM_WORDS, Baseline.RANDOM_DIRECTIONS)) {
            Double accuracy = report.baselines().get(control.id());
            List<Double> interval = report.intervals().get(control.id());
            if (accuracy == null || interval == null) {
                notes.add(control.id() + ": not measured in training");
            } else {
                gaps.add(new ControlGap(
                        control.id(), accuracy, report.accuracy() - accuracy, interval.get(0), interval.get(1)));
            }
        }
        return gaps;
    }

    private static @Nullable NameAlignment names(
            ConceptClassifier classifier,
            AuditItems items,
            AuditItems.Parts parts,
            float @Nullable [][] classVectors,
            List<String> notes) {
        if (!(classifier.scorer() instanceof ConceptScorer scorer)) {
            notes.add("names: search has no weights to compare with them");
            return null;
        }
        if (classVectors == null) {
            notes.add("names: the class names' embeddings are not known");
            return null;
        }
        double[][] similarities = new double[classVectors.length][];
        for (int k = 0; k < similarities.length; k++) {
            similarities[k] = scorer.cosines(classVectors[k]);
        }
        try (EmbeddingMatrix judged = items.embeddings().select(parts.judge())) {
            long seed = classifier.seeds().get(classifier.bestSeed()).seed();
            return NameAlignment.of(scorer, similarities, judged, items.labels(parts.judge()), seed);
        }
    }

    private static @Nullable ResidualGap residual(
            ConceptClassifier classifier, AuditItems items, AuditItems.Parts parts, List<String> notes) {
        if (!parts.usable()) {
            notes.add("residual: too few items to fit on one part and judge on another");
            return null;
        }
        ConceptSpan span = span(classifier.scorer(), classifier.conceptVectors());
        if (span.rank() >= items.embeddings().width()) {
            notes.add("residual: the deciding concepts span all " + span.rank() + " dimensions of the embeddings");
            return null;
        }
        return ResidualGap.of(classifier.scorer(), span, items, parts, classifier.classes());
    }

    /** The span of the concepts that decide; in a search all do. */
    static ConceptSpan span(ClassScorer scorer, float[][] conceptVectors) {
        List<float[]> used = new ArrayList<>();
        for (int m = 0; m < conceptVectors.length; m++) {
            if (!(scorer instanceof ConceptScorer c) || c.map().uses(m)) {
                used.add(conceptVectors[m]);
            }
        }
        return new ConceptSpan(used);
    }

    /** Plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        for (ControlGap gap : controls) {
            lines.add(
                    "%s: %s points (%s to %s) over a control at %s%s",
                    gap.control(),
                    Lines.points(gap.gap()),
                    Lines.points(gap.low()),
                    Lines.points(gap.high()),
                    Lines.percent(gap.accuracy()),
                    gap.above() ? "" : "; warning: not above it beyond doubt");
        }
        if (names != null) {
            names.lines().forEach(line -> lines.add("%s", line));
        }
        if (residual != null) {
            residual.lines().forEach(line -> lines.add("%s", line));
        }
        notes.forEach(note -> lines.add("%s", note));
        return lines.toString();
    }
}
