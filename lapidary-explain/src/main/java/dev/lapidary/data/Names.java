package dev.lapidary.data;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Lists names in messages, and tells those in kebab case. */
public final class Names {
    private static final int SHOWN = 12;
    private static final int LETTERS = 40;
    private static final Pattern KEBAB = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private Names() {}

    /** The names in brackets, cut after a dozen; characters that do not show, such as a no-break space, by their codes. */
    public static String list(Collection<String> names) {
        String shown = names.stream().limit(SHOWN).map(Names::brief).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? "[" + shown + ", ... " + (names.size() - SHOWN) + " more]" : "[" + shown + "]";
    }

    /** The name on one line, cut after 40 letters, with codes for characters that do not show. */
    public static String brief(String name) {
        StringBuilder line = new StringBuilder();
        name.replaceAll("\\s+", " ").codePoints().forEach(letter -> {
            if (letter != ' ' && LabelNames.blank(letter)) {
                line.append(String.format("\\u%04x", letter));
            } else {
                line.appendCodePoint(letter);
            }
        });
        return line.length() > LETTERS ? line.substring(0, LETTERS) + "..." : line.toString();
    }

    /** Whether a name has small letters and digits, in words with one hyphen between two, so that it can name a file anywhere. */
    public static boolean inKebabCase(String name) {
        return KEBAB.matcher(name).matches();
    }
}
