package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a regular expression of Hugging Face's library, which is in Oniguruma's syntax, as Java has it. Only constructs that are
 * known to match the same are written; any other is refused by its name.
 *
 * <p>What differs: {@code ^} and {@code $} match at every line, {@code .} matches all but a line feed, {@code {n,m}+} repeats and
 * is not possessive, {@code {,m}} begins at 0, and {@code \v} is one letter.
 *
 * @see <a href="https://github.com/kkos/oniguruma/blob/master/doc/RE">the syntax</a>
 */
final class OnigurumaPattern {
    private static final int LONGEST = 10_000; // letters
    private static final int DEEPEST = 40; // groups within groups
    private static final int MOST_REPEATS = 1000;
    private static final List<String> CATEGORIES = List.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "Cc", "Cf");
    private static final List<String> SCRIPTS = List.of(
            "Han",
            "Hiragana",
            "Katakana",
            "Hangul",
            "Latin",
            "Cyrillic",
            "Greek",
            "Thai",
            "Arabic",
            "Hebrew",
            "Devanagari");
    private static final Map<String, String> PROPERTIES = properties();

    /** What single letters fold to where case does not count: ß is ss, ﬁ is fi. Java does not know of it. */
    private static final List<String> FOLDED = List.of("ss", "ff", "fi", "fl", "st");

    private final String where;
    private final String regex;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private boolean anyCase;
    private String literals = ""; // those in a row just before

    private OnigurumaPattern(String where, String regex) {
        this.where = where;
        this.regex = regex;
    }

    /**
     * Returns the expression for {@code Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE}.
     *
     * @param where what is read, with which errors begin
     * @throws InputException that names what is not known to mean the same
     */
    static String java(String where, String regex) {
        if (regex.length() > LONGEST) {
            throw new InputException(where + ": must be a regular expression of at most " + LONGEST
                    + " letters; got one of " + regex.length());
        }
        OnigurumaPattern reader = new OnigurumaPattern(where, regex);
        if (regex.startsWith("(?i)")) {
            reader.at = 4;
            reader.anyCase = true;
            reader.out.append("(?i)");
        }
        reader.alternatives(0);
        if (reader.at < regex.length()) {
            throw reader.malformed("a ) without its (");
        }
        return reader.out.toString();
    }

    private static Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        CATEGORIES.forEach(name -> properties.put(name.toLowerCase(Locale.ROOT), name));
        SCRIPTS.forEach(name -> properties.put(name.toLowerCase(Locale.ROOT), "Is" + name));
        return properties;
    }

    private void alternatives(int depth) {
        if (depth > DEEPEST) {
            throw malformed("groups more than " + DEEPEST + " deep");
        }
        sequence(depth);
        while (at < regex.length() && regex.charAt(at) == '|') {
            at++;
            out.append('|');
            sequence(depth);
        }
    }

    private void sequence(int depth) {
        literals = "";
        while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
            int start = out.length();
            boolean repeatable = atom(depth);
            repeats(start, repeatable);
        }
        literals = "";
    }

    /** Writes one atom; returns whether it may be repeated. */
    private boolean atom(int depth) {
        char letter = regex.charAt(at);
        if (letter != '\\' && "([.^$*+?{".indexOf(letter) < 0) {
            literal(codePoint());
            return true;
        }
        if (letter == '\\' && literalEscape(false)) {
            return true;
        }
        literals = "";
        switch (letter) {
            case '(' -> {
                return group(depth);
            }
            case '[' -> letters();
            case '.' -> single("[^\\n]");
            case '^' -> {
                single("(?:\\A|(?<=\\n)(?!\\z))");
                return false;
            }
            case '$' -> {
                single("(?=\\n|\\z)");
                return false;
            }
            case '\\' -> {
                return escape();
            }
            default -> throw malformed("'" + letter + "' with nothing to repeat");
        }
        return true;
    }

    private void single(String java) {
        at++;
        out.append(java);
    }

    private int codePoint() {
        int letter = regex.codePointAt(at);
        at += Character.charCount(letter);
        return letter;
    }

    private void literal(int letter) {
        if (anyCase) {
            literals += Character.toString(letter).toLowerCase(Locale.ROOT);
            if (letter > 0x7f
                    || letter == 'i'
                    || letter == 'I'
                    || // Java takes it for the dotless and the dotted one too
                    FOLDED.stream().anyMatch(literals::contains)) {
                throw unknown(Character.toString(letter) + " where case does not count");
            }
        }
        write(letter);
    }

    private void write(int letter) {
        if (letter < 0x20 || letter == 0x7f || Character.isISOControl(letter) || Character.isWhitespace(letter)) {
            out.append("\\x{").append(Integer.toHexString(letter)).append('}');
        } else if (letter < 0x80 && !Character.isLetterOrDigit(letter)) {
            out.append('\\').append((char) letter);
        } else {
            out.appendCodePoint(letter);
        }
    }

    private boolean group(int depth) {
        if (anyCase) { // letters in it and around it could fold together: ss to one
            throw unknown("a group where case does not count");
        }
        String open;
        boolean repeatable = true;
        if (!regex.startsWith("(?", at)) {
            open = "(";
            out.append("(?:"); // what it captures is not asked for
        } else {
            open = opening();
            repeatable = !open.contains("=") && !open.contains("!");
            anyCase = open.equals("(?i:");
            out.append(open);
        }
        at += open.length();
        alternatives(depth + 1);
        if (at >= regex.length()) {
            throw malformed("a ( without its )");
        }
        at++;
        out.append(')');
        anyCase = false;
        return repeatable;
    }

    private String opening() {
        for (String open : List.of("(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>")) {
            if (regex.startsWith(open, at)) {
                return open;
            }
        }
        throw unknown(regex.substring(at, Math.min(at + 4, regex.length())));
    }

    /** An escape that stands for one letter; false, with nothing read, where it is of another kind. */
    private boolean literalEscape(boolean inClass) {
        if (at + 1 >= regex.length()) {
            throw malformed("a \\ at the end");
        }
        int letter = escaped(regex.charAt(at + 1));
        if (letter < 0) {
            return false;
        }
        if (inClass) {
            write(letter);
        } else {
            literal(letter);
        }
        return true;
    }

    /** Reads the letter that an escape stands for, or nothing and returns -1. */
    private int escaped(char kind) {
        int simple = "nrtfaev".indexOf(kind);
        if (simple >= 0) {
            at += 2;
            return "\n\r\t\f\u0007\u001b\u000b".charAt(simple);
        }
        if (kind == 'x' || kind == 'u') {
            return hex(kind);
        }
        if (kind >= 0x80 || !Character.isLetterOrDigit(kind)) {
            at++;
            return codePoint();
        }
        return -1;
    }

    private int hex(char kind) {
        boolean braces = kind == 'x' && regex.startsWith("{", at + 2);
        int from = at + (braces ? 3 : 2);
        int to = braces ? regex.indexOf('}', from) : from + (kind == 'x' ? 2 : 4);
        String digits = to < 0 || to > regex.length() ? "" : regex.substring(from, to);
        int most = kind == 'x' && !braces ? 0x7f : Character.MAX_CODE_POINT; // above, a byte and no letter
        if (!digits.matches("[0-9a-fA-F]{1,6}") || Integer.parseInt(digits, 16) > most) {
            throw unknown(regex.substring(at, Math.min(at + 8, regex.length())));
        }
        at = braces ? to + 1 : to;
        return Integer.parseInt(digits, 16);
    }

    /** An escape of several letters or of a place; returns whether it may be repeated. */
    private boolean escape() {
        char kind = regex.charAt(at + 1);
        switch (kind) {
            case 'A', 'z' -> {
                at += 2;
                out.append('\\').append(kind);
                return false;
            }
            case 'Z' -> {
                at += 2;
                out.append("(?=\\n?\\z)");
                return false;
            }
            default -> set();
        }
        return true;
    }

    /** An escape that is a set of letters, within brackets or without. */
    private void set() {
        char kind = regex.charAt(at + 1);
        switch (kind) {
            case 's', 'S', 'd', 'D' -> {
                at += 2;
                out.append('\\').append(kind);
            }
            case 'p', 'P' -> property();
            case 'w', 'W', 'b', 'B' ->
                throw new InputException(where + ": must be a regular expression of categories such as \\p{L}; got \\"
                        + kind + " in " + regex);
            default -> throw unknown("\\" + kind);
        }
    }

    private void property() {
        int end = regex.indexOf('}', at);
        if (!regex.startsWith("{", at + 2) || end < 0) {
            throw unknown("a property without braces");
        }
        String written = regex.substring(at + 3, end);
        boolean not = written.startsWith("^");
        String name = PROPERTIES.get((not ? written.substring(1) : written).toLowerCase(Locale.ROOT));
        if (name == null || anyCase) {
            throw unknown(regex.substring(at, end + 1) + (anyCase ? " where case does not count" : ""));
        }
        out.append(not == (regex.charAt(at + 1) == 'p') ? "\\P{" : "\\p{")
                .append(name)
                .append('}');
        at = end + 1;
    }

    /** Letters in brackets. */
    private void letters() {
        out.append('[');
        at++;
        if (regex.startsWith("^", at)) {
            if (anyCase) {
                throw unknown("[^ where case does not count");
            }
            out.append('^');
            at++;
        }
        if (regex.startsWith("]", at)) {
            throw unknown("[]");
        }
        boolean previous = false; // whether a letter stands before that may begin a range
        while (at < regex.length() && regex.charAt(at) != ']') {
            previous = member(previous);
        }
        if (at >= regex.length()) {
            throw malformed("a [ without its ]");
        }
        at++;
        out.append(']');
    }

    private boolean member(boolean previous) {
        char letter = regex.charAt(at);
        if (letter == '[' || regex.startsWith("&&", at)) {
            throw unknown(letter == '[' ? "[ within brackets" : "&&");
        }
        if (letter == '-'
                && !previous
                && regex.charAt(at - 1) != '['
                && regex.charAt(at - 1) != '^'
                && at + 1 < regex.length()
                && regex.charAt(at + 1) != ']') {
            throw unknown("- behind a set or a range");
        }
        if (letter == '-' && anyCase && previous) {
            throw unknown("a range where case does not count");
        }
        if (letter == '-' && previous && at + 1 < regex.length() && regex.charAt(at + 1) != ']') {
            at++;
            out.append('-');
            one();
            return false;
        }
        if (letter == '\\' && !literalEscape(true)) {
            set();
            return false;
        }
        if (letter != '\\') {
            one();
        }
        return true;
    }

    private void one() {
        char letter = regex.charAt(at);
        if (letter == '[' || letter == '&') {
            throw unknown(letter + " within brackets");
        }
        if (letter == '\\') {
            if (!literalEscape(true)) {
                throw unknown("a range to a set");
            }
            return;
        }
        int one = codePoint();
        if (anyCase && (one > 0x7f || one == 'i' || one == 'I')) {
            throw unknown(Character.toString(one) + " where case does not count");
        }
        write(one);
    }

    private void repeats(int start, boolean repeatable) {
        if (at >= regex.length() || "*+?{".indexOf(regex.charAt(at)) < 0) {
            return;
        }
        if (!repeatable) {
            throw malformed("a place that is repeated");
        }
        literals = "";
        if (regex.charAt(at) == '{') {
            interval(start);
        } else {
            out.append(regex.charAt(at++));
            if (at < regex.length() && (regex.charAt(at) == '?' || regex.charAt(at) == '+')) {
                out.append(regex.charAt(at++)); // lazy or possessive, in both
            }
        }
        if (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
            throw unknown("a repeated repeat");
        }
    }

    private void interval(int start) {
        int end = regex.indexOf('}', at);
        String inner = end < 0 ? "" : regex.substring(at + 1, end);
        if (!inner.matches("\\d{1,4}(,\\d{0,4})?|,\\d{1,4}")) {
            throw unknown("{ without numbers");
        }
        int comma = inner.indexOf(',');
        String least = comma < 0 ? inner : comma == 0 ? "0" : inner.substring(0, comma);
        String most = comma < 0 ? inner : inner.substring(comma + 1);
        boolean tooMany = Integer.parseInt(least) > MOST_REPEATS
                || !most.isEmpty()
                        && (Integer.parseInt(most) > MOST_REPEATS || Integer.parseInt(most) < Integer.parseInt(least));
        if (tooMany) {
            throw unknown("{" + inner + "}");
        }
        out.append('{')
                .append(least)
                .append(comma < 0 ? "" : ",")
                .append(comma < 0 ? "" : most)
                .append('}');
        at = end + 1;
        if (regex.startsWith("?", at)) {
            if (comma <= 0) {
                throw unknown("{" + inner + "}?");
            }
            out.append('?');
            at++;
        } else if (regex.startsWith("+", at)) {
            at++;
            out.insert(start, "(?:").append(")+");
        }
    }

    private InputException unknown(String what) {
        return new InputException(where + ": must be a regular expression that is known to mean the same in Java; got "
                + what + " in " + regex);
    }

    private InputException malformed(String what) {
        return new InputException(where + ": must be a regular expression; got " + what + " in " + regex);
    }
}
