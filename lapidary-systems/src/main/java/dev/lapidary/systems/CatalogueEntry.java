package dev.lapidary.systems;

import dev.lapidary.runtime.InputException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A published system as the catalogue knows it.
 *
 * @param row what is known without running anything
 * @param system the implementation, or null where there is none yet
 * @param evidence what the published verification found, or null where there is none yet
 * @param run how that evidence was made
 */
public record CatalogueEntry(
        SystemRow row,
        @Nullable PublishedSystem system,
        @Nullable Evidence evidence,
        Evidence.@Nullable Run run) {
    /** How far a system is. */
    public enum State {
        /** There is no implementation. */
        NOT_BEGUN,
        /** It is implemented; there is no published evidence. */
        RUNS,
        /** The published evidence shows all that its check claims. */
        HELD,
        /** The published evidence does not show all that its check claims. */
        LOST,
        /** The system cannot be built here; the published evidence shows all that the check of its counterpart claims. */
        COUNTERPART;

        /** Returns the word in files: not begun, runs, held, lost, counterpart. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Says how many of the entries are in each state, in this order of the states: {@code 3 held, 2 runs}. */
    public static String counts(List<CatalogueEntry> entries, List<State> order) {
        return order.stream()
                .map(state ->
                        entries.stream().filter(entry -> entry.state() == state).count() + " " + state.word())
                .filter(count -> !count.startsWith("0 "))
                .collect(Collectors.joining(", "));
    }

    /**
     * Returns the implementation.
     *
     * @throws InputException where there is none yet
     */
    public PublishedSystem implementation() {
        if (system == null) {
            throw new InputException(
                    row.id() + " is not implemented yet; lapidary systems lists what is (state other than not begun)");
        }
        return system;
    }

    /** Returns how far the system is. */
    public State state() {
        if (system == null) {
            return State.NOT_BEGUN;
        }
        if (evidence == null) {
            return State.RUNS;
        }
        if (!evidence.held()) {
            return State.LOST;
        }
        return row.tier().equals("D") ? State.COUNTERPART : State.HELD;
    }
}
