package dev.lapidary.trial;

import dev.lapidary.trial.Arm.Role;
import dev.lapidary.trial.Comparison.Claim;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a trial measured and what follows from it.
 *
 * @param trial its name
 * @param settings what outcomes depend on besides the seed
 * @param arms every arm's outcomes
 * @param judgements of the comparisons, in their order
 * @param sabotages arms in the method's place
 */
public record TrialEvidence(
        String trial,
        Map<String, Object> settings,
        List<ArmEvidence> arms,
        List<Judgement> judgements,
        List<Sabotage> sabotages) {
    /**
     * One arm's outcomes.
     *
     * @param name of the arm
     * @param role of the arm
     * @param bySeed what it measured, by seed, ascending
     */
    public record ArmEvidence(String name, Role role, SequencedMap<Long, Measured> bySeed) {
        /** Returns a figure of every seed. */
        public double[] figure(String figure) {
            return bySeed.values().stream()
                    .mapToDouble(measured -> measured.outcome().figure(figure))
                    .toArray();
        }
    }

    /** Copies the lists. */
    public TrialEvidence {
        arms = List.copyOf(arms);
        judgements = List.copyOf(judgements);
        sabotages = List.copyOf(sabotages);
    }

    /** Judges what all arms measured under all seeds, by arm and seed. */
    static TrialEvidence of(Trial<?> trial, Map<String, Map<Long, Measured>> measured) {
        List<ArmEvidence> arms = new ArrayList<>();
        for (Arm<?> arm : trial.arms()) {
            var bySeed = new LinkedHashMap<>(Objects.requireNonNull(measured.get(arm.name())));
            arms.add(new ArmEvidence(arm.name(), arm.role(), bySeed));
        }
        String method = method(trial);
        List<Judgement> judgements = trial.comparisons().stream()
                .map(comparison -> judge(comparison, arms, comparison.arm(), comparison.against()))
                .toList();
        List<Sabotage> sabotages = new ArrayList<>();
        for (Arm<?> arm : trial.arms()) {
            boolean applies = arm.role() != Role.METHOD && arm.role() != Role.REPORTED;
            List<Comparison> left = replaced(trial.comparisons(), method, find(arms, arm.name()));
            if (applies && !left.isEmpty()) {
                sabotages.add(new Sabotage(arm.name(), fails(left, arms, arm.name())));
            }
        }
        return new TrialEvidence(trial.name(), trial.settings(), arms, judgements, sabotages);
    }

    private static String method(Trial<?> trial) {
        List<String> methods = trial.arms().stream()
                .filter(arm -> arm.role() == Role.METHOD)
                .map(Arm::name)
                .toList();
        if (methods.size() != 1) {
            throw new IllegalArgumentException(
                    "just one arm of trial " + trial.name() + " must be the method; got " + methods);
        }
        return methods.getFirst();
    }

    /** Checks, before anything runs, that arms have distinct names, that one is the method, and that comparisons name arms. */
    static void requireSound(Trial<?> trial) {
        method(trial);
        List<String> names = trial.arms().stream().map(Arm::name).toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("arms must have distinct names; got " + names);
        }
        for (Comparison comparison : trial.comparisons()) {
            String against = comparison.against();
            if (!names.contains(comparison.arm()) || against != null && !names.contains(against)) {
                throw new IllegalArgumentException("arms that are compared must be among " + names + "; got "
                        + comparison.arm() + " and " + against);
            }
        }
    }

    /** Checks that what an arm measured has the figures that its comparisons need. */
    static void requireFigures(Trial<?> trial, String arm, Outcome outcome) {
        for (Comparison comparison : trial.comparisons()) {
            if (arm.equals(comparison.arm()) || arm.equals(comparison.against())) {
                outcome.figure(comparison.figure());
            }
        }
    }

    private static ArmEvidence find(List<ArmEvidence> arms, String name) {
        return arms.stream()
                .filter(arm -> arm.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("an arm that is compared must be one of "
                        + arms.stream().map(ArmEvidence::name).toList() + "; got " + name));
    }

    private static Judgement judge(
            Comparison comparison, List<ArmEvidence> arms, String arm, @Nullable String against) {
        ArmEvidence left = find(arms, arm);
        ArmEvidence right = against == null ? null : find(arms, against);
        List<Double> differences = new ArrayList<>();
        left.bySeed().forEach((seed, measured) -> {
            Outcome other = right == null
                    ? null
                    : Objects.requireNonNull(right.bySeed().get(seed)).outcome();
            differences.add(comparison.difference(measured.outcome(), other));
        });
        return Judgement.of(comparison, differences.stream().mapToDouble(d -> d).toArray());
    }

    /**
     * The comparisons of the method that mean something when another arm takes its place: not those against that arm itself, only of
     * figures that it has, and for a baseline only where superiority is claimed.
     */
    private static List<Comparison> replaced(List<Comparison> comparisons, String method, ArmEvidence substitute) {
        return comparisons.stream()
                .filter(comparison -> comparison.arm().equals(method))
                .filter(comparison -> !substitute.name().equals(comparison.against()))
                .filter(comparison -> substitute.role() != Role.BASELINE || comparison.claim() == Claim.BETTER)
                .filter(comparison -> has(substitute, comparison.figure()))
                .toList();
    }

    /** Whether some comparison of the method no longer holds when another arm takes its place. */
    private static boolean fails(List<Comparison> comparisons, List<ArmEvidence> arms, String substitute) {
        return comparisons.stream()
                .anyMatch(comparison -> !judge(comparison, arms, substitute, comparison.against())
                        .held());
    }

    private static boolean has(ArmEvidence arm, String figure) {
        Outcome first = arm.bySeed().firstEntry().getValue().outcome();
        return first.figures().containsKey(figure) || first.timed().containsKey(figure);
    }

    /** Whether every comparison holds and no sabotage passes; false where nothing is compared. */
    public boolean held() {
        return !judgements.isEmpty()
                && judgements.stream().allMatch(Judgement::held)
                && sabotages.stream().allMatch(Sabotage::failed);
    }

    /** Returns the wall time of all outcomes together, over all sessions. */
    public double seconds() {
        return arms.stream()
                .flatMap(arm -> arm.bySeed().values().stream())
                .mapToDouble(Measured::seconds)
                .sum();
    }

    /** Returns the machines on which outcomes were measured, a line each. */
    public List<String> machines() {
        return arms.stream()
                .flatMap(arm -> arm.bySeed().values().stream())
                .map(Measured::machine)
                .distinct()
                .toList();
    }

    /** Returns the digests of the code that measured the outcomes; more than one where it changed in between. */
    public List<String> codes() {
        return arms.stream()
                .flatMap(arm -> arm.bySeed().values().stream())
                .map(Measured::code)
                .distinct()
                .toList();
    }
}
