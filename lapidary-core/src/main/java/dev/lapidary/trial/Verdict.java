package dev.lapidary.trial;

import java.util.Locale;

/** What the interval of a difference says. */
public enum Verdict {
    /** The interval lies above 0. */
    BETTER,
    /** The interval lies above minus the margin, and not above 0; or the bound is reached. */
    NOT_WORSE,
    /** The interval reaches both beyond what is claimed and short of it. */
    UNDECIDED,
    /** The interval lies below what is claimed: below 0 where "better" is, below minus the margin where "not worse" is. */
    WORSE;

    /** Returns the word in files: better, not worse, undecided, worse. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
