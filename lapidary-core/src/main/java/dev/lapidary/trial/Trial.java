package dev.lapidary.trial;

import dev.lapidary.runtime.Progress;
import java.util.List;
import java.util.Map;

/**
 * A comparison of arms over seeds. A seed draws the problem, which is data, splits and initial values, and every arm gets the same one.
 *
 * <p>Settings, arms and comparisons are fixed before the first full run. Settings are everything besides the seed that an outcome
 * depends on: sizes, budgets, tried values, digests of files; outcomes under other settings are never mixed.
 *
 * @param <P> the problem; closed after the last arm where it is {@link AutoCloseable}
 */
public interface Trial<P> {
    /** Returns the name in kebab case, distinct within what it belongs to. */
    String name();

    /**
     * Returns what outcomes depend on besides the seed: text, whole numbers, truth values, and lists of them. Evidence keeps the order,
     * so it must be the same in every run, which that of {@link Map#of} is not.
     */
    Map<String, Object> settings();

    /**
     * Makes what drawing a seed's problem needs and what is kept for other trials and runs, such as a trained model in the cache folder.
     * It does not count towards the time that arms take.
     */
    default void prepare(long seed, Progress progress) {}

    /** Draws the problem of a seed, for all arms. */
    P draw(long seed);

    /** Returns the arms, in the order in which they run; just one of them is the method. */
    List<Arm<P>> arms();

    /** Returns what is claimed. A trial without claims only reports. */
    List<Comparison> comparisons();
}
