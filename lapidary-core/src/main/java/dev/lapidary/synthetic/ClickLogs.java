package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;

/**
 * Draws logs of items that were shown to users and of what they clicked, with known preferences.
 *
 * <p>In every session a user sees a list of {@code slots} different items. They are drawn one after the other, each among those that are
 * left with a probability in proportion to (r + 1)^−zipf for rank r, and listed with the most popular first; where all are equally popular,
 * as drawn. The user looks at slot k, from 0, with probability (k + 1)^−positionBias, and clicks what is seen with probability
 *
 * <pre>
 * relevance = σ(base + strength·(user · item)/√factors + strength·Σ effect of each useful field's value)
 * </pre>
 *
 * <p>with standard normal factors and effects. Useless fields have values too and count for nothing. Popularity is independent of
 * relevance; but popular items are looked at more often, so plain click rates mix both up.
 *
 * <p><b>Why this is a fair stand-in:</b> click logs are sparse, skewed towards popular items and biased by position, and their structure is
 * thought of as low-rank interactions of categorical values; here rank, useful fields, position bias and the click probability of every
 * row are known.
 *
 * <p><b>What it cannot show:</b> tastes that drift, users who return because of what they saw, items that resemble each other by content, or
 * a logging policy that already prefers relevant items.
 *
 * @param sessions at least 1
 * @param users at least 1
 * @param items at least as many as slots
 * @param slots items of a session, at least 1
 * @param factors rank of the preferences, at least 1
 * @param fields further categorical columns
 * @param zipf how uneven popularity is, at least 0; 0 for even
 * @param positionBias at least 0; 0 where every slot is looked at
 * @param base the relevance's log odds where all else is 0
 * @param strength of preferences and fields
 */
public record ClickLogs(
        int sessions,
        int users,
        int items,
        int slots,
        int factors,
        Fields fields,
        double zipf,
        double positionBias,
        double base,
        double strength) {

    /**
     * Categorical columns of a session beside its user, such as the hour.
     *
     * @param useful how many of them count
     * @param useless how many do not
     * @param values of each column, evenly likely, at least 2
     */
    public record Fields(int useful, int useless, int values) {
        /** Checks the numbers. */
        public Fields {
            Draw.atLeast("useful fields", useful, 0);
            Draw.atLeast("useless fields", useless, 0);
            Draw.atLeast("values of a field", values, 2);
        }

        /** Returns how many columns there are. */
        public int all() {
            return useful + useless;
        }
    }

    /** Checks the values. */
    public ClickLogs {
        Draw.atLeast("sessions", sessions, 1);
        Draw.atLeast("users", users, 1);
        Draw.atLeast("slots", slots, 1);
        Draw.atLeast("items", items, slots);
        Draw.atLeast("factors", factors, 1);
        if (!(zipf >= 0 && positionBias >= 0 && Double.isFinite(zipf + positionBias + base + strength))) {
            throw new InputException("zipf and position bias must be at least 0, base and strength finite; got " + zipf
                    + ", " + positionBias + ", " + base + " and " + strength);
        }
    }

    /** Returns logs of 200 users and 100 items with 5 slots, rank 4, two useful fields among four, and both biases at 1. */
    public static ClickLogs defaults(int sessions) {
        return new ClickLogs(sessions, 200, 100, 5, 4, new Fields(2, 2, 8), 1, 1, -1, 1);
    }

    /** Returns these logs with other biases. */
    public ClickLogs withBias(double newZipf, double newPositionBias) {
        return new ClickLogs(sessions, users, items, slots, factors, fields, newZipf, newPositionBias, base, strength);
    }

    /** Draws the log of a seed. A session depends on the seed and its number alone. */
    public ClickLog draw(long seed) {
        ClickTruth truth = new ClickTruth(this, seed);
        PopularItems popular = new PopularItems(truth, items, zipf);
        Draw places = new Draw(seed, "clicks.sessions");
        Draw popularity = new Draw(seed, "clicks.shown");
        Draw clicks = new Draw(seed, "clicks.clicks");
        ClickLog.Row[] rows = new ClickLog.Row[Math.multiplyExact(sessions, slots)];
        for (int session = 0; session < sessions; session++) {
            int user = places.below(users, session, 0);
            int[] values = new int[fields.all()];
            for (int f = 0; f < values.length; f++) {
                values[f] = places.below(fields.values(), session, 1 + f);
            }
            int[] shown = popular.list(slots, popularity, session);
            for (int slot = 0; slot < slots; slot++) {
                double chance = truth.examination(slot) * truth.relevance(user, shown[slot], values);
                boolean clicked = clicks.uniform(session, slot) < chance;
                rows[session * slots + slot] = new ClickLog.Row(session, user, shown[slot], slot, values, clicked);
            }
        }
        return new ClickLog(Arrays.asList(rows), truth);
    }
}
