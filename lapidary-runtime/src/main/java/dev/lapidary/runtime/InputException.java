package dev.lapidary.runtime;

/**
 * Bad input from the user. The message is one clear line that says what must hold and what came; the command line prints it and
 * ends with status 2.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int QUOTED = 200; // characters

    /** Creates it with a line like {@code in must be a multiple of m; got in=770, m=4}. */
    public InputException(String message) {
        super(line(message));
    }

    /** Creates it with the failure that showed the input to be bad. */
    public InputException(String message, Throwable cause) {
        super(line(message), cause);
    }

    /**
     * Returns an exception whose line begins with what was read.
     *
     * @param where such as a file's path
     */
    public static InputException in(String where, InputException problem) {
        String line = String.valueOf(problem.getMessage());
        return line.startsWith(where) ? problem : new InputException(where + ": " + line, problem);
    }

    /** The beginning of what a file says, at most 200 characters, for a message. */
    public static String quote(String text) {
        if (text.length() <= QUOTED) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(QUOTED - 4)) ? QUOTED - 4 : QUOTED - 3;
        return text.substring(0, end) + "...";
    }

    /** What came may hold control characters, which would break the line. */
    private static String line(String message) {
        if (message.chars().noneMatch(Character::isISOControl)) {
            return message;
        }
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < message.length(); i++) {
            char letter = message.charAt(i);
            line.append(Character.isISOControl(letter) ? String.format("\\u%04x", (int) letter) : letter);
        }
        return line.toString();
    }
}
