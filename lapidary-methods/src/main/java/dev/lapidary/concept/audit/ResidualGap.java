package dev.lapidary.concept.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.concept.bottleneck.ResidualHead;
import dev.lapidary.concept.calibration.Temperature;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.PairedInterval;
import dev.lapidary.concept.explain.Lines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How much better a classifier would be if it also saw what its concepts cannot express.
 *
 * <p>The embedding's part outside the span of the concepts that decide goes through a ridge-fitted linear head beside the classifier's
 * own logits (at the temperature that fits best), as in hybrid post-hoc concept bottlenecks. The head is fitted on one part of the items
 * and judged on another. A gap above 0 says that concepts are missing, not that those there are wrong.
 *
 * @param fitted number of items that the head was fitted on
 * @param judged number of items that it was judged on
 * @param rank dimensions that the deciding concepts span
 * @param accuracy of the classifier alone, on the judged items
 * @param withResidual accuracy with the residual head
 * @param gap the difference
 * @param low lower end of its paired 95 % interval
 * @param high upper end
 * @param classes the same per class, over the judged items of the class, in class order; classes without any are left out
 * @param insufficient classes whose interval lies above 0 by more than 2 points: the concepts do not suffice for them
 * @see <a href="https://arxiv.org/abs/2205.15480">Yuksekgonul et al., Post-hoc concept bottleneck models, ICLR 2023</a>
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResidualGap(
        int fitted,
        int judged,
        int rank,
        double accuracy,
        double withResidual,
        double gap,
        double low,
        double high,
        List<ClassGap> classes,
        List<String> insufficient) {
    /** An interval must lie above this for a class's concepts to count as insufficient: 2 points. */
    public static final double INSUFFICIENT = 0.02;

    private static final int MOST_FITTED = 20_000; // more change a linear head of some hundred inputs little
    private static final int MOST_CHOSEN = 5_000;

    /** The gap within one class: shares of its items that are right without and with the residual. */
    public record ClassGap(String name, int items, double accuracy, double withResidual, double low, double high) {}

    static ResidualGap of(
            ClassScorer scorer, ConceptSpan span, AuditItems items, AuditItems.Parts parts, List<String> classes) {
        ResidualHead.Rows fit = rows(scorer, span, items, thinned(parts.fit(), MOST_FITTED), 1);
        double temperature = temperature(fit.offsets(), fit.labels());
        for (double[] z : fit.offsets()) {
            Arrays.setAll(z, k -> z[k] * temperature);
        }
        ResidualHead head =
                ResidualHead.fit(fit, rows(scorer, span, items, thinned(parts.choose(), MOST_CHOSEN), temperature));
        int[] judge = parts.judge();
        double[][] own = scorer.logits(items.embeddings(), judge);
        boolean[] alone = new boolean[judge.length];
        boolean[] together = new boolean[judge.length];
        int[] labels = items.labels(judge);
        for (int i = 0; i < judge.length; i++) {
            alone[i] = ClassScorer.largest(own[i]) == labels[i];
            Arrays.setAll(own[i], scaled(own[i], temperature));
            double[] z = head.logits(span.residual(items.embeddings().row(judge[i])), own[i]);
            together[i] = ClassScorer.largest(z) == labels[i];
        }
        return judged(fit.labels().length, span.rank(), alone, together, labels, classes);
    }

    private static IntToDoubleFunction scaled(double[] z, double factor) {
        return k -> z[k] * factor;
    }

    private static ResidualGap judged(
            int fitted, int rank, boolean[] alone, boolean[] together, int[] labels, List<String> classes) {
        List<ClassGap> gaps = new ArrayList<>();
        for (int k = 0; k < classes.size(); k++) {
            int classIndex = k;
            IntPredicate own = i -> labels[i] == classIndex;
            boolean[] a = where(alone, own);
            boolean[] t = where(together, own);
            if (a.length > 0) {
                PairedInterval interval = interval(t, a);
                gaps.add(new ClassGap(classes.get(k), a.length, share(a), share(t), interval.low(), interval.high()));
            }
        }
        PairedInterval interval = interval(together, alone);
        return new ResidualGap(
                fitted,
                labels.length,
                rank,
                share(alone),
                share(together),
                share(together) - share(alone),
                interval.low(),
                interval.high(),
                gaps,
                gaps.stream()
                        .filter(g -> g.low() > INSUFFICIENT)
                        .map(ClassGap::name)
                        .toList());
    }

    private static PairedInterval interval(boolean[] together, boolean[] alone) {
        return PairedInterval.overItems(new boolean[][] {together}, new boolean[][] {alone});
    }

    private static boolean[] where(boolean[] all, IntPredicate keep) {
        int[] kept = IntStream.range(0, all.length).filter(keep).toArray();
        boolean[] out = new boolean[kept.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = all[kept[i]];
        }
        return out;
    }

    private static double share(boolean[] right) {
        int n = 0;
        for (boolean r : right) {
            n += r ? 1 : 0;
        }
        return (double) n / right.length;
    }

    /** At most {@code most} of the rows, spread evenly. */
    private static int[] thinned(int[] rows, int most) {
        if (rows.length <= most) {
            return rows;
        }
        int[] kept = new int[most];
        Arrays.setAll(kept, i -> rows[(int) ((long) i * rows.length / most)]);
        return kept;
    }

    private static ResidualHead.Rows rows(
            ClassScorer scorer, ConceptSpan span, AuditItems items, int[] rows, double temperature) {
        float[][] features = new float[rows.length][];
        double[][] offsets = scorer.logits(items.embeddings(), rows);
        for (int i = 0; i < rows.length; i++) {
            features[i] = span.residual(items.embeddings().row(rows[i]));
            Arrays.setAll(offsets[i], scaled(offsets[i], temperature));
        }
        return new ResidualHead.Rows(features, offsets, items.labels(rows));
    }

    /** What the logits must be multiplied by for the least cross-entropy, between 0.01 and 1,000; the loss is convex in it. */
    static double temperature(double[][] logits, int[] labels) {
        double low = Math.log(0.01);
        double high = Math.log(1000);
        for (int i = 0; i < 60; i++) { // the derivative's sign, by bisection
            double middle = 0.5 * (low + high);
            if (slope(logits, labels, Math.exp(middle)) > 0) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Math.exp(0.5 * (low + high));
    }

    private static double slope(double[][] logits, int[] labels, double factor) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double[] z = logits[i];
            double[] scaledUp = Arrays.stream(z).map(x -> x * factor).toArray();
            double[] shares = Temperature.softmax(scaledUp);
            for (int k = 0; k < z.length; k++) {
                sum += shares[k] * z[k];
            }
            sum -= z[labels[i]];
        }
        return sum;
    }

    /** Plain lines for a terminal. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "residual: %s points (%s to %s) by what %d concept dimensions cannot express (%s -> %s over %d items)",
                Lines.points(gap),
                Lines.points(low),
                Lines.points(high),
                rank,
                Lines.percent(accuracy),
                Lines.percent(withResidual),
                judged));
        for (ClassGap g : classes) {
            if (insufficient.contains(g.name())) {
                lines.add("warning: concepts insufficient for " + g.name() + ": "
                        + Lines.points(g.withResidual() - g.accuracy()) + " points (" + Lines.points(g.low()) + " to "
                        + Lines.points(g.high()) + ") lie outside them");
            }
        }
        return lines;
    }
}
