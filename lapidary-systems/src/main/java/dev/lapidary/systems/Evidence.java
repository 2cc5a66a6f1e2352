package dev.lapidary.systems;

import dev.lapidary.metric.Interval;
import dev.lapidary.trial.Arm.Role;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Claim;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Judgement;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Repeatability;
import dev.lapidary.trial.Sabotage;
import dev.lapidary.trial.TrialEvidence;
import dev.lapidary.trial.TrialEvidence.ArmEvidence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a full verification of a system found, as it is kept: a function of the seeds on one machine, but for timed figures.
 *
 * @param row number in the catalogue
 * @param id of the system
 * @param held whether every identity and every comparison holds, and no sabotage passes
 * @param seeds of all trials
 * @param identities what must hold whatever the seed
 * @param trials what each trial measured
 */
public record Evidence(
        int row, String id, boolean held, List<Long> seeds, List<IdentityFound> identities, List<TrialFound> trials) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * An identity, measured.
     *
     * @param name what must hold
     * @param error what was measured
     * @param bound the most that it may be
     * @param held whether it is
     */
    public record IdentityFound(String name, double error, double bound, boolean held) {
        static IdentityFound of(Identity.Result result) {
            return new IdentityFound(result.name(), result.error(), result.bound(), result.held());
        }
    }

    /**
     * A trial, measured and judged.
     *
     * @param trial its name
     * @param settings what outcomes depend on besides the seed
     * @param arms what each arm measured
     * @param comparisons judged
     * @param sabotages arms in the method's place
     */
    public record TrialFound(
            String trial,
            Map<String, Object> settings,
            List<ArmFound> arms,
            List<ComparisonFound> comparisons,
            List<Sabotage> sabotages) {
        static TrialFound of(TrialEvidence evidence) {
            return new TrialFound(
                    evidence.trial(),
                    evidence.settings(),
                    evidence.arms().stream().map(ArmFound::of).toList(),
                    evidence.judgements().stream().map(ComparisonFound::of).toList(),
                    evidence.sabotages());
        }
    }

    /**
     * What an arm measured.
     *
     * @param name of the arm
     * @param role of the arm
     * @param figures by name, one number a seed
     * @param timed figures that differ from run to run, by name, one number a seed
     */
    public record ArmFound(
            String name,
            Role role,
            SequencedMap<String, List<Double>> figures,
            SequencedMap<String, List<Double>> timed) {
        static ArmFound of(ArmEvidence arm) {
            List<Outcome> outcomes = arm.bySeed().values().stream()
                    .map(measured -> measured.outcome())
                    .toList();
            return of(arm.name(), arm.role(), outcomes);
        }

        static ArmFound of(String name, Role role, List<Outcome> outcomes) {
            return new ArmFound(name, role, columns(outcomes, Outcome::figures), columns(outcomes, Outcome::timed));
        }

        private static SequencedMap<String, List<Double>> columns(
                List<Outcome> outcomes, Function<Outcome, Map<String, Double>> part) {
            SequencedMap<String, List<Double>> columns = new LinkedHashMap<>();
            for (Outcome outcome : outcomes) {
                part.apply(outcome)
                        .forEach((name, value) -> columns.computeIfAbsent(name, n -> new ArrayList<>())
                                .add(value));
            }
            return columns;
        }
    }

    /**
     * A comparison and its verdict; where nothing is judged, as with one seed, interval, verdict and held are null.
     *
     * @param name what is claimed
     * @param figure that is compared
     * @param goal which figures are good
     * @param arm of which something is claimed
     * @param against the other arm, or null beside a bound
     * @param bound that the figure is compared with where there is no other arm
     * @param claim better, or not worse
     * @param difference mean over the seeds; more is better
     * @param interval 95 % t interval of the difference, low and high; by pairs of the same seed where there is another arm
     * @param margin by how much the figure may fall short
     * @param relative whether difference and margin are shares of the other's figure
     * @param verdict better, not worse, undecided or worse
     * @param held whether what is claimed is shown
     */
    public record ComparisonFound(
            String name,
            String figure,
            Goal goal,
            String arm,
            @Nullable String against,
            double bound,
            Claim claim,
            double difference,
            @Nullable List<Double> interval,
            double margin,
            boolean relative,
            @Nullable String verdict,
            @Nullable Boolean held) {
        static ComparisonFound of(Judgement judged) {
            Interval interval = judged.interval();
            return of(
                    judged.comparison(),
                    judged.difference(),
                    List.of(interval.low(), interval.high()),
                    judged.verdict().word(),
                    judged.held());
        }

        static ComparisonFound unjudged(Comparison comparison, double difference) {
            return of(comparison, difference, null, null, null);
        }

        /** Returns how often this would hold again on as many other seeds, as {@link Repeatability} says; NaN where nothing is judged. */
        public double again(int seeds) {
            return interval == null
                    ? Double.NaN
                    : Repeatability.share(
                            difference, new Interval(interval.get(0), interval.get(1)), seeds, claim, margin);
        }

        private static ComparisonFound of(
                Comparison claimed,
                double difference,
                @Nullable List<Double> interval,
                @Nullable String verdict,
                @Nullable Boolean held) {
            return new ComparisonFound(
                    claimed.name(),
                    claimed.figure(),
                    claimed.goal(),
                    claimed.arm(),
                    claimed.against(),
                    claimed.bound(),
                    claimed.claim(),
                    difference,
                    interval,
                    claimed.margin(),
                    claimed.relative(),
                    verdict,
                    held);
        }
    }

    /** Copies the lists. */
    public Evidence {
        seeds = List.copyOf(seeds);
        identities = List.copyOf(identities);
        trials = List.copyOf(trials);
    }

    static Evidence of(SystemRow row, List<Long> seeds, List<Identity.Result> identities, List<TrialEvidence> trials) {
        boolean held = identities.stream().allMatch(Identity.Result::held)
                && trials.stream().anyMatch(Evidence::judged)
                && trials.stream().filter(Evidence::judged).allMatch(TrialEvidence::held);
        return new Evidence(
                row.row(),
                row.id(),
                held,
                seeds,
                identities.stream().map(IdentityFound::of).toList(),
                trials.stream().map(TrialFound::of).toList());
    }

    private static boolean judged(TrialEvidence trial) {
        return !trial.judgements().isEmpty();
    }

    /** Returns the JSON of this, with a line break at its end. */
    public String json() {
        return JSON.writeValueAsString(this) + "\n";
    }

    /** Reads what {@link #json} gave. */
    public static Evidence read(String json) {
        return JSON.readValue(json, Evidence.class);
    }

    /**
     * How evidence was made.
     *
     * @param seconds wall time of all outcomes together, over all sessions
     * @param machines on which outcomes were measured, a line each
     * @param code digests of the classes that measured, more than one where they changed in between
     * @param lapidary version
     * @param java version
     * @param pytorch version
     */
    public record Run(
            double seconds, List<String> machines, List<String> code, String lapidary, String java, String pytorch) {
        /** Returns the JSON of this, with a line break at its end. */
        public String json() {
            return JSON.writeValueAsString(this) + "\n";
        }

        /** Reads what {@link #json} gave. */
        public static Run read(String json) {
            return JSON.readValue(json, Run.class);
        }
    }
}
