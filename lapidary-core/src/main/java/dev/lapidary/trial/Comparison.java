package dev.lapidary.trial;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a check claims of one figure, fixed before the first full run.
 *
 * <p>The difference is always taken so that more is better: arm − other where high figures are good, other − arm where low ones are;
 * relative ones are divided by the other's figure. Claims are judged by the 95 % t interval of the mean difference over the
 * seeds; where two arms are compared, differences are taken within each seed.
 *
 * @param name what is claimed, in a few words
 * @param figure the figure's name in both arms' outcomes
 * @param goal whether high or low figures are good
 * @param arm the arm of which something is claimed
 * @param against the other arm, or null where the figure is compared with the bound
 * @param bound what the figure is compared with where there is no other arm, else 0
 * @param claim what is claimed
 * @param margin by how much the figure may fall short where "not worse" is claimed, at least 0
 * @param relative whether difference and margin are shares of the other's figure
 */
public record Comparison(
        String name,
        String figure,
        Goal goal,
        String arm,
        @Nullable String against,
        double bound,
        Claim claim,
        double margin,
        boolean relative) {
    /** Which figures are good. */
    public enum Goal {
        /** High ones, such as accuracy. */
        HIGH,
        /** Low ones, such as perplexity. */
        LOW
    }

    /** What is claimed. */
    public enum Claim {
        /** The interval leaves out 0 on the good side. */
        BETTER,
        /** The interval's bad end is not beyond the margin. */
        NOT_WORSE
    }

    /** Checks the claim. */
    public Comparison {
        if (!(margin >= 0 && Double.isFinite(margin))) {
            throw new IllegalArgumentException("a margin must be finite and at least 0; got " + margin);
        }
        if (claim == Claim.BETTER && margin != 0) {
            throw new IllegalArgumentException("better has no margin; got " + margin);
        }
        if (!Double.isFinite(bound) || against != null && bound != 0) {
            throw new IllegalArgumentException("a bound must be finite, and 0 beside another arm; got " + bound);
        }
        if (relative && against == null) {
            throw new IllegalArgumentException("a relative difference needs another arm; got none");
        }
        if (arm.equals(against)) {
            throw new IllegalArgumentException("an arm is compared with another; got " + arm + " twice");
        }
    }

    /** Claims that one arm is better than another. */
    public static Comparison better(String figure, Goal goal, String arm, String against) {
        String name = arm + " better than " + against + " in " + figure;
        return new Comparison(name, figure, goal, arm, against, 0, Claim.BETTER, 0, false);
    }

    /** Claims that one arm is not worse than another by more than a margin in the figure's unit. */
    public static Comparison notWorse(String figure, Goal goal, String arm, String against, double margin) {
        String name = arm + " not worse than " + against + " in " + figure;
        return new Comparison(name, figure, goal, arm, against, 0, Claim.NOT_WORSE, margin, false);
    }

    /** Claims that the mean of a figure is at least a bound. */
    public static Comparison atLeast(String figure, String arm, double bound) {
        String name = arm + " reaches " + text(bound) + " in " + figure;
        return new Comparison(name, figure, Goal.HIGH, arm, null, bound, Claim.NOT_WORSE, 0, false);
    }

    /** Claims that the mean of a figure is at most a bound. */
    public static Comparison atMost(String figure, String arm, double bound) {
        String name = arm + " stays within " + text(bound) + " in " + figure;
        return new Comparison(name, figure, Goal.LOW, arm, null, bound, Claim.NOT_WORSE, 0, false);
    }

    /** Returns the same claim on the difference as a share of the other arm's figure, which must be above 0. */
    public Comparison inShares() {
        return new Comparison(name, figure, goal, arm, against, bound, claim, margin, true);
    }

    /** Returns the same claim under another name. */
    public Comparison named(String name) {
        return new Comparison(name, figure, goal, arm, against, bound, claim, margin, relative);
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e15
                ? String.format(Locale.ROOT, "%.0f", bound)
                : Double.toString(bound);
    }

    /** Returns the difference of one seed; more is better. */
    public double difference(Outcome ofArm, @Nullable Outcome ofOther) {
        double value = ofArm.figure(figure);
        double other = ofOther == null ? bound : ofOther.figure(figure);
        double difference = goal == Goal.HIGH ? value - other : other - value;
        if (!relative) {
            return difference;
        }
        if (!(other > 0)) {
            throw new IllegalArgumentException(
                    "a relative difference needs figures above 0; got " + figure + "=" + other + " of " + against);
        }
        return difference / other;
    }
}
