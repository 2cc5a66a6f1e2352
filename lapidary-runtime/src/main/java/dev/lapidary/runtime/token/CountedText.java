package dev.lapidary.runtime.token;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import java.util.function.Supplier;

/**
 * A part of a text that an expression is matched against: it counts how often a letter is looked at. An expression that backtracks
 * too much ends in an exception, and so does one whose caller was cancelled.
 */
final class CountedText implements CharSequence {
    private static final ScopedValue<Cancellation> CANCELLATION = ScopedValue.newInstance();
    private static final long LEAST_STEPS = 20_000_000; // some tenths of a second
    private static final long STEPS_A_LETTER = 2000;
    private static final int PACE = 1 << 16; // steps between two looks at the cancellation

    private final String where;
    private final String text;
    private final int from;
    private final int to;
    private final long most;
    private final Cancellation cancellation;
    private long steps;

    /** Looks at {@code text[from, to)}; errors begin with where. */
    CountedText(String where, String text, int from, int to) {
        this.where = where;
        this.text = text;
        this.from = from;
        this.to = to;
        this.most = LEAST_STEPS + STEPS_A_LETTER * (to - from);
        this.cancellation = CANCELLATION.isBound() ? CANCELLATION.get() : Cancellation.none();
    }

    /** Does something whose matching hears of a cancellation. */
    static <T> T hearing(Cancellation cancellation, Supplier<T> work) {
        return ScopedValue.where(CANCELLATION, cancellation).call(work::get);
    }

    @Override
    public char charAt(int index) {
        if ((++steps & PACE - 1) == 0) {
            look();
        }
        return text.charAt(from + index);
    }

    private void look() {
        cancellation.check();
        if (steps > most) {
            throw new InputException(where + ": must be an expression that does not backtrack so much; got a text of "
                    + length() + " letters on which it takes more than " + most + " steps");
        }
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(from + start, from + end);
    }

    @Override
    public String toString() {
        return text.substring(from, to);
    }
}
