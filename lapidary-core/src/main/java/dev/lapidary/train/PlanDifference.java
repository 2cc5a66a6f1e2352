package dev.lapidary.train;

import dev.lapidary.runtime.settings.Component;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person should change where a checkpoint belongs to another plan: the options that differ, or else one entry of the identity.
 *
 * @param wanted by this plan, with the option's name where there is one
 * @param got from the checkpoint
 */
record PlanDifference(String wanted, String got) {
    private static final String NOTHING = "nothing";
    private static final int LONGEST = 40; // characters of a value, which may be a digest
    private static final int SHOWN = 12;

    /** Entries that follow from others, such as from the number of steps. */
    private static final List<String> DERIVED = List.of("metricsEvery", "validateEvery", "earlyStopping");

    /** Compares the identity of a checkpoint with a plan; empty where they are the same. */
    static Optional<PlanDifference> of(Map<String, String> checkpoint, TrainingPlan plan) {
        Map<String, String> identity = plan.identity();
        Set<String> keys = new TreeSet<>(checkpoint.keySet());
        keys.addAll(identity.keySet());
        List<String> other = keys.stream()
                .filter(key -> !value(checkpoint, key).equals(value(identity, key)))
                .sorted(Comparator.comparing(DERIVED::contains))
                .toList();
        Map<String, String> known = plan.options();
        List<String> options = other.stream().filter(known::containsKey).toList();
        List<String> named = options.isEmpty() ? other.stream().limit(1).toList() : options;
        return named.isEmpty()
                ? Optional.empty()
                : Optional.of(new PlanDifference(text(named, identity, plan), text(named, checkpoint, plan)));
    }

    private static String value(Map<String, String> identity, String key) {
        return identity.getOrDefault(key, NOTHING);
    }

    private static String text(List<String> keys, Map<String, String> values, TrainingPlan plan) {
        return String.join(
                ", ",
                keys.stream().map(key -> text(key, value(values, key), plan)).toList());
    }

    /** The option and its value, or where the value is not the option's own, such as steps of a number of passes, both names. */
    private static String text(String key, String value, TrainingPlan plan) {
        String name = key.startsWith(TrainingPlan.SETTING) ? key.substring(TrainingPlan.SETTING.length()) : key;
        String shown = value.length() > LONGEST ? value.substring(0, SHOWN) + "..." : value;
        String option = plan.options().get(key);
        if (option == null) {
            return name + "=" + shown;
        }
        return option.equals(Component.option(name)) ? option + " " + shown : name + "=" + shown + " (" + option + ")";
    }
}
