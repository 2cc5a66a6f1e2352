package dev.lapidary.trial;

import dev.lapidary.runtime.Progress;
import java.util.Locale;

/**
 * One of the things that a trial compares: it turns a seed's problem into figures.
 *
 * @param name in kebab case, distinct within the trial
 * @param role what it is there for
 * @param runner does the work
 * @param <P> the problem: data, splits and initial values that a seed draws, the same for every arm
 */
public record Arm<P>(String name, Role role, Runner<P> runner) {
    /** What an arm is there for. */
    public enum Role {
        /** The published method. */
        METHOD,
        /** What it is compared with, tuned with the same effort. */
        BASELINE,
        /** Does what the method does without its idea, such as a random selection of the same size. */
        CONTROL,
        /** The method, broken on purpose: in the method's place the check must fail. */
        SABOTAGE,
        /** Only reported beside the others. */
        REPORTED;

        /** Returns the word in tables and JSON: method, baseline, control, sabotage, reported. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Measures an arm on one problem. */
    @FunctionalInterface
    public interface Runner<P> {
        /**
         * Measures the arm.
         *
         * @param problem what the seed drew; not to be changed, the other arms get the same
         * @param seed of the problem, for draws of the arm's own
         * @param progress to report long work; throws when the work is to stop
         */
        Outcome run(P problem, long seed, Progress progress);
    }

    /** Checks the name. */
    public Arm {
        TrialNames.check("an arm", name);
    }

    /** Returns the arm of the published method. */
    public static <P> Arm<P> method(String name, Runner<P> runner) {
        return new Arm<>(name, Role.METHOD, runner);
    }

    /** Returns the arm of a baseline. */
    public static <P> Arm<P> baseline(String name, Runner<P> runner) {
        return new Arm<>(name, Role.BASELINE, runner);
    }

    /** Returns the arm of a control. */
    public static <P> Arm<P> control(String name, Runner<P> runner) {
        return new Arm<>(name, Role.CONTROL, runner);
    }

    /** Returns the arm of a sabotage. */
    public static <P> Arm<P> sabotage(String name, Runner<P> runner) {
        return new Arm<>(name, Role.SABOTAGE, runner);
    }

    /** Returns an arm that is only reported. */
    public static <P> Arm<P> reported(String name, Runner<P> runner) {
        return new Arm<>(name, Role.REPORTED, runner);
    }
}
