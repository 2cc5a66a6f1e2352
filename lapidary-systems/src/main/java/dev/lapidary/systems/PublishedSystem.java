package dev.lapidary.systems;

import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.Trial;
import java.util.List;

/**
 * A published system that Lapidary implements: its check, as identities and trials. What the paper claims stands in the row's data file.
 *
 * <p>Found by {@link java.util.ServiceLoader}: a new system is one class, one data file {@code dev/lapidary/systems/rows/ROW.json} beside
 * it on the class path, and one service line. Making one must load no native library: listing does it.
 */
public interface PublishedSystem {
    /** Returns the number of the row, which names the data file with three digits. */
    int row();

    /** How large a verification is. */
    enum Size {
        /** Seconds: shows that everything runs; judges nothing. */
        QUICK,
        /** What the row's check asks for: evidence. */
        FULL
    }

    /** Returns what must hold whatever the seed; measured in every verification. */
    List<Identity> identities();

    /**
     * Returns the trials of a size; quick ones have the same arms and comparisons as full ones.
     *
     * @param preparing reports long preparation, such as training a model that every seed shares
     * @throws dev.lapidary.runtime.InputException where data is missing that the user must bring
     */
    List<Trial<?>> trials(Size size, Progress preparing);

    /** Returns how many seeds a full verification takes where nobody says. */
    default int seeds() {
        return 5;
    }
}
