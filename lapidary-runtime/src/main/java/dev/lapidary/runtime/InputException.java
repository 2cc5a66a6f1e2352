package dev.lapidary.runtime;

/**
 * Bad input from the user. The message is one clear line that says what must hold and what came; the command line prints it and
 * ends with status 2.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates it with a line like {@code in must be a multiple of m; got in=770, m=4}. */
    public InputException(String message) {
        super(message);
    }

    /** Creates it with the failure that showed the input to be bad. */
    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
