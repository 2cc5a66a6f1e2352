package dev.lapidary.train;

/** Training ran into a loss, metric or state that is not finite; the message names the step and the last good checkpoint. */
public final class DivergenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long step;

    /**
     * Creates it.
     *
     * @param message what must be finite and what came
     * @param step the step that failed, counted from 1
     */
    public DivergenceException(String message, long step) {
        super(message);
        this.step = step;
    }

    /** Returns the step that failed, counted from 1. */
    public long step() {
        return step;
    }
}
