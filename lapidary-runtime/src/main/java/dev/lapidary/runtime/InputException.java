package dev.lapidary.runtime;

/**
 * Bad input from the user. The message is one clear line that says what must hold and what came; the command line prints it and
 * ends with status 2.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String CAME = "; got ";
    private static final int LONGEST = 1000; // characters of a line, which may hold paths
    private static final int LONGEST_CAME = 200; // characters of what came, which may be a whole file

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

    /**
     * The beginning of what a file says, at most 200 characters, for a message that goes on behind it. What a message ends with after
     * "; got " is cut by the constructors.
     */
    public static String quote(String text) {
        return shortened(text, LONGEST_CAME);
    }

    /** What came may be long, and may hold control characters, which would break the line. */
    private static String line(String message) {
        int came = message.indexOf(CAME);
        String whole = came < 0
                ? message
                : message.substring(0, came + CAME.length())
                        + shortened(message.substring(came + CAME.length()), LONGEST_CAME);
        String text = shortened(whole, LONGEST);
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            line.append(Character.isISOControl(letter) ? String.format("\\u%04x", (int) letter) : letter);
        }
        return line.toString();
    }

    private static String shortened(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 2)) ? longest - 2 : longest - 1;
        return text.substring(0, end) + "…";
    }
}
