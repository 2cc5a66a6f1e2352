package dev.lapidary.trial;

import dev.lapidary.metric.Interval;
import dev.lapidary.trial.Comparison.Claim;
import java.util.Arrays;

/**
 * A comparison, judged.
 *
 * @param comparison what is claimed
 * @param difference mean over the seeds; more is better
 * @param interval 95 % t interval of that mean: of paired differences, or of distances from the bound where there is no other arm
 * @param verdict what the interval says
 */
public record Judgement(Comparison comparison, double difference, Interval interval, Verdict verdict) {
    /**
     * Judges differences, one a seed.
     *
     * @param differences more is better, at least 2 [seeds]
     */
    public static Judgement of(Comparison comparison, double[] differences) {
        Interval interval = Interval.ofMean(differences);
        double mean = Arrays.stream(differences).average().orElseThrow();
        return new Judgement(comparison, mean, interval, verdict(comparison, interval));
    }

    private static Verdict verdict(Comparison comparison, Interval interval) {
        if (interval.low() > 0) {
            return Verdict.BETTER;
        }
        if (comparison.claim() == Claim.BETTER) {
            return interval.high() < 0 || interval.low() == 0 && interval.high() == 0
                    ? Verdict.WORSE
                    : Verdict.UNDECIDED;
        }
        if (interval.low() >= -comparison.margin()) {
            return Verdict.NOT_WORSE;
        }
        return interval.high() < -comparison.margin() ? Verdict.WORSE : Verdict.UNDECIDED;
    }

    /** Whether what is claimed is shown. */
    public boolean held() {
        return verdict == Verdict.BETTER || comparison.claim() == Claim.NOT_WORSE && verdict == Verdict.NOT_WORSE;
    }
}
