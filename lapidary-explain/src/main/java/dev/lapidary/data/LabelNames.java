package dev.lapidary.data;

import java.math.BigDecimal;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one rule for names of classes, wherever they come from: white space and invisible characters at both ends do not count, letters
 * are composed (NFC), and nothing left means that the label is missing.
 */
public final class LabelNames {
    private static final int SHOWN = 5; // groups of classes in warnings
    private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,30}(\\.\\d{0,30})?([eE][+-]?\\d{1,3})?");

    /** What pandas, R, SQL and spreadsheets write for a missing cell, in lower case. */
    private static final Set<String> MISSING = Set.of(
            "nan",
            "-nan",
            "null",
            "none",
            "n/a",
            "na",
            "#n/a",
            "#n/a n/a",
            "#na",
            "<na>",
            "nil",
            "nat",
            "1.#ind",
            "-1.#ind",
            "1.#qnan",
            "-1.#qnan",
            "\\n");

    private LabelNames() {}

    /** The name of a class as it is compared and shown; empty where the label is missing. */
    public static String clean(String label) {
        String trimmed = trim(label);
        return Normalizer.isNormalized(trimmed, Normalizer.Form.NFC)
                ? trimmed
                : Normalizer.normalize(trimmed, Normalizer.Form.NFC);
    }

    /** The text without white space and invisible characters at its ends. */
    static String trim(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && blank(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (to > from && blank(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    /** Whether a character shows nothing: white space of any kind, control and format characters, such as a zero-width space. */
    static boolean blank(int letter) {
        return Character.isWhitespace(letter) || Character.isSpaceChar(letter) || invisible(letter);
    }

    static boolean invisible(int letter) {
        int type = Character.getType(letter);
        return type == Character.FORMAT || type == Character.CONTROL;
    }

    /** Lines about classes that look alike and about those that look like missing values. */
    public static List<String> warnings(Collection<String> classes) {
        List<String> warnings = new ArrayList<>();
        Map<String, List<String>> groups =
                classes.stream().collect(Collectors.groupingBy(LabelNames::key, TreeMap::new, Collectors.toList()));
        List<List<String>> alike =
                groups.values().stream().filter(group -> group.size() > 1).toList();
        alike.stream()
                .limit(SHOWN)
                .forEach(group -> warnings.add(
                        "classes " + Names.list(group) + " look alike: " + difference(group.get(0), group.get(1))
                                + "; write them the same way where they are one class"));
        if (alike.size() > SHOWN) {
            warnings.add((alike.size() - SHOWN) + " more groups of classes look alike");
        }
        List<String> missing = classes.stream()
                .filter(name -> MISSING.contains(name.toLowerCase(Locale.ROOT)))
                .toList();
        if (!missing.isEmpty()) {
            warnings.add((missing.size() == 1 ? "class " : "classes ") + Names.list(missing)
                    + (missing.size() == 1 ? " looks like a missing value" : " look like missing values")
                    + "; leave the label empty where there is none");
        }
        return warnings;
    }

    private static String key(String name) {
        String number = number(name);
        if (!number.isEmpty()) {
            return number;
        }
        StringBuilder key = new StringBuilder();
        boolean gap = false;
        for (int letter :
                Normalizer.normalize(name, Normalizer.Form.NFKC).codePoints().toArray()) {
            if (Character.isWhitespace(letter) || Character.isSpaceChar(letter)) {
                gap = true;
            } else if (!invisible(letter)) {
                key.append(gap ? " " : "").appendCodePoint(letter);
                gap = false;
            }
        }
        return key.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** A number without its way of writing, such as 1 for 1.0; empty for other names. */
    private static String number(String name) {
        return NUMBER.matcher(name).matches()
                ? new BigDecimal(name).stripTrailingZeros().toString()
                : "";
    }

    private static String difference(String first, String second) {
        if (first.equalsIgnoreCase(second)) {
            return "they differ in case only";
        }
        return number(first).isEmpty()
                ? "they differ in white space, case or characters that do not show"
                : "they are one number";
    }
}
