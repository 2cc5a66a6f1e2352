package dev.lapidary.tokenizer;

import dev.lapidary.runtime.InputException;
import java.util.List;

/**
 * An upper bound on how often Oniguruma steps back while it matches a pattern at one place of a text. At ten million times it ends the
 * process.
 *
 * <p>A part that can match in several ways is tried in each of them when a later part fails: {@code a*} in as many ways as the text has
 * letters, {@code a?} in two, {@code a{1,9}} in nine, alternatives in the sum of theirs. Parts in a row multiply, up to the last one
 * that can fail. So {@code a*b} passes, and {@code a*a*b}, {@code (a|a)*b} and {@code a?} thirty times before {@code b} do not. The
 * bound does not compare letters, so it refuses {@code (?:a|b)*c} too, which is harmless.
 *
 * @see <a href="https://github.com/kkos/oniguruma/blob/master/doc/RE">the syntax</a>
 */
final class SafePattern {
    private static final int MOST_BACK =
            9_000_000; // the library's ten million, with room for what it does at the edges
    private static final int LETTERS = 1000; // of the text for which a pattern is judged
    private static final int MOST_BACK_EACH = 9; // for each of these letters
    private static final int LONGEST = 10_000; // letters of a pattern
    private static final int DEEPEST = 40; // groups within groups

    private final String where;
    private final String pattern;
    private int at;
    private int repetitions; // that were read

    private SafePattern(String where, String pattern) {
        this.where = where;
        this.pattern = pattern;
    }

    /**
     * What is known of a pattern.
     *
     * @param longestText letters that a text may have: at least a million, since what passes grows at most in proportion to the text
     * @param leastLetters letters that a match has at least
     */
    record Bounds(int longestText, double leastLetters) {}

    /**
     * Returns the bounds of a pattern.
     *
     * @param where what is read, with which errors begin
     * @throws InputException where a pattern steps back too often, or has something that is not known here
     */
    static Bounds bounds(String where, String pattern) {
        SafePattern reader = new SafePattern(where, pattern);
        if (pattern.length() > LONGEST) {
            throw reader.refused("have at most " + LONGEST + " letters");
        }
        Part whole = reader.alternatives(0);
        if (reader.at < pattern.length()) {
            throw reader.refused("open each group that it closes");
        }
        double back = Math.max(1, Math.max(whole.miss, whole.match));
        if (!(back <= MOST_BACK_EACH * LETTERS)) { // also where it is no number
            throw reader.refused("match in fewer ways: its search steps back more than " + MOST_BACK_EACH
                    + " times for each letter of a long text");
        }
        return new Bounds((int) Math.min(Integer.MAX_VALUE, LETTERS * (MOST_BACK / back)), whole.letters);
    }

    /**
     * What a part does at one place of a text, in steps back.
     *
     * @param ways in how many ways it can match
     * @param miss steps until it has failed
     * @param match steps until it has matched, where nothing after it fails
     * @param all steps until each way has been tried, where something after it fails
     * @param fails whether it can fail
     * @param letters how many it takes at least
     */
    private record Part(double ways, double miss, double match, double all, boolean fails, double letters) {
        static final Part LETTER = new Part(1, 1, 0, 1, true, 1);
        static final Part PLACE = new Part(1, 1, 1, 1, true, 0); // takes no letter, so it counts although it matches
        static final Part EMPTY = new Part(1, 0, 1, 1, false, 0);

        Part then(Part next) {
            double missed = next.fails ? all + ways * next.miss : miss;
            return new Part(
                    ways * next.ways,
                    missed,
                    next.match + (next.fails ? missed : match),
                    all + ways * next.all,
                    fails || next.fails,
                    letters + next.letters);
        }

        Part or(Part other) {
            return new Part(
                    ways + other.ways,
                    1 + miss + other.miss,
                    1 + Math.max(match, miss + other.match),
                    1 + all + other.all,
                    fails && other.fails,
                    Math.min(letters, other.letters));
        }

        Part repeated(double least, double most) {
            double counts = Math.abs(most - least) + 1;
            double each = Math.max(least, most);
            double repeatedWays = ways > 1 ? counts * Math.pow(ways, each) : counts;
            double matched = ways > 1 ? all * each * Math.pow(ways, each) : each * match + (counts > 1 ? miss : 0);
            boolean once = ways == 1 && least == 1; // fails in its first round or never
            return new Part(
                    repeatedWays,
                    once ? miss : matched,
                    matched,
                    matched + repeatedWays,
                    fails && Math.min(least, most) > 0,
                    letters * Math.min(least, most));
        }

        /** The part without a second way: an atomic group, or a repetition that gives nothing back. */
        Part atomic() {
            return new Part(1, all, match, match, fails, letters);
        }

        /** The part as a look ahead or behind, which is made once for each length of the part. */
        Part look(double lengths) {
            double most = Math.max(1, Math.max(miss, match)) * lengths;
            return new Part(1, most, most, most, true, 0);
        }
    }

    private Part alternatives(int depth) {
        if (depth > DEEPEST) {
            throw refused("nest groups at most " + DEEPEST + " deep");
        }
        Part all = sequence(depth);
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            all = all.or(sequence(depth));
        }
        return all;
    }

    private Part sequence(int depth) {
        if (atEnd()) {
            return Part.EMPTY;
        }
        Part all = repeats(atom(depth));
        while (!atEnd()) {
            all = all.then(repeats(atom(depth)));
        }
        return all;
    }

    private boolean atEnd() {
        return at >= pattern.length() || "|)".indexOf(pattern.charAt(at)) >= 0;
    }

    private Part atom(int depth) {
        char letter = pattern.charAt(at++);
        return switch (letter) {
            case '(' -> group(depth);
            case '[' -> letters();
            case '\\' -> escape();
            case '^', '$' -> Part.PLACE;
            default -> Part.LETTER;
        };
    }

    private Part group(int depth) {
        if (pattern.startsWith("*", at)) {
            throw refused("not call anything");
        }
        String kind = "";
        if (pattern.startsWith("?", at)) {
            kind = kind();
            at += kind.length();
        }
        if (kind.endsWith(")")) { // options for the rest of the group around, with all its alternatives
            return alternatives(depth + 1);
        }
        int before = repetitions;
        Part inner = alternatives(depth + 1);
        if (at >= pattern.length()) {
            throw refused("close its groups");
        }
        at++;
        return switch (kind) {
            case "?=", "?!" -> inner.look(1);
            case "?<=", "?<!" -> {
                if (repetitions > before) {
                    throw refused("not repeat anything that it looks behind for");
                }
                yield inner.look(inner.ways);
            }
            case "?>" -> inner.atomic();
            default -> inner;
        };
    }

    /** What follows the bracket of a group that does more than to capture. */
    private String kind() {
        for (String kind : List.of("?:", "?=", "?!", "?>", "?<=", "?<!")) {
            if (pattern.startsWith(kind, at)) {
                return kind;
            }
        }
        int end = at + 1;
        while (end < pattern.length() && "ims-".indexOf(pattern.charAt(end)) >= 0) {
            end++;
        }
        if (end < pattern.length() && ":)".indexOf(pattern.charAt(end)) >= 0) {
            return pattern.substring(at, end + 1);
        }
        end = pattern.indexOf('>', at);
        if (end > 0 && pattern.substring(at, end).matches("\\?<\\w+")) {
            return pattern.substring(at, end + 1);
        }
        throw refused("not begin a group with (" + pattern.substring(at, Math.min(at + 2, pattern.length())));
    }

    private Part escape() {
        char kind = at < pattern.length() ? pattern.charAt(at++) : ' ';
        switch (kind) {
            case 'c', 'C', 'M', 'g', 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                throw refused("not have \\" + kind); // what it refers back to may be long
            case 'p', 'P', 'x', 'o' -> braces();
            default -> {
                return "AzZGKbByY".indexOf(kind) < 0 ? Part.LETTER : Part.PLACE;
            }
        }
        return Part.LETTER;
    }

    private void braces() {
        if (pattern.startsWith("{", at)) {
            int end = pattern.indexOf('}', at);
            at = end < 0 ? pattern.length() : end + 1;
        }
    }

    /** Passes a class of letters, which may hold others. */
    private Part letters() {
        int depth = 1;
        requireMember();
        while (at < pattern.length() && depth > 0) {
            char letter = pattern.charAt(at++);
            switch (letter) {
                case '\\' -> escape();
                case '[' -> {
                    depth++;
                    requireMember();
                }
                case ']' -> depth--;
                default -> {} // stands for itself
            }
        }
        return Part.LETTER;
    }

    /** A bracket that closes at once would be a letter instead. */
    private void requireMember() {
        if (pattern.startsWith("]", at) || pattern.startsWith("^]", at)) {
            throw refused("not have an empty class of letters");
        }
    }

    private Part repeats(Part part) {
        Part repeated = part;
        while (at < pattern.length()) {
            char letter = pattern.charAt(at);
            if (letter == '{') {
                int end = pattern.indexOf('}', at);
                String counts = end < 0 ? "" : pattern.substring(at + 1, end);
                if (!counts.matches("[0-9]{1,5},?|[0-9]{0,5},[0-9]{1,5}")) {
                    return repeated; // a brace
                }
                at = end + 1;
                repeated = counted(repeated, counts);
                repetitions++;
            } else if ("*+?".indexOf(letter) >= 0) {
                at++;
                repetitions++;
                repeated = repeated.repeated(letter == '+' ? 1 : 0, letter == '?' ? 1 : LETTERS);
                repeated = pattern.startsWith("+", at) ? repeated.atomic() : repeated;
                at += pattern.startsWith("+", at) || pattern.startsWith("?", at) ? 1 : 0; // lazy: as many ways
            } else {
                return repeated;
            }
        }
        return repeated;
    }

    private Part counted(Part part, String counts) {
        String[] ends = counts.split(",", -1);
        double least = ends[0].isEmpty() ? 0 : Integer.parseInt(ends[0]);
        double most = ends.length == 1 ? least : ends[1].isEmpty() ? LETTERS : Integer.parseInt(ends[1]);
        if (ends.length == 2 && pattern.startsWith("?", at)) { // lazy; behind a single count it says "or not at all"
            at++;
        }
        return part.repeated(least, most);
    }

    private InputException refused(String problem) {
        return new InputException(where + ": a pattern must " + problem + "; got " + pattern);
    }
}
