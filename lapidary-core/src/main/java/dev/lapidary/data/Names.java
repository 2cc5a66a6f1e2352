package dev.lapidary.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lists names in messages and finds the one that a person may have meant. */
public final class Names {
    private static final int SHOWN = 12;
    private static final int LETTERS = 40;

    private Names() {}

    /** The names in brackets, cut after a dozen. */
    static String list(Collection<String> names) {
        String shown = names.stream().limit(SHOWN).map(Names::brief).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? "[" + shown + ", ... " + (names.size() - SHOWN) + " more]" : "[" + shown + "]";
    }

    private static String brief(String name) {
        String line = name.replaceAll("\\s+", " ");
        return line.length() > LETTERS ? line.substring(0, LETTERS) + "..." : line;
    }

    /** The name at the smallest edit distance, where at most half of its letters differ. */
    public static Optional<String> nearest(String wanted, List<String> names) {
        var candidates = new ArrayList<>(names);
        candidates.sort(Comparator.comparingInt(name -> distance(wanted, name)));
        return candidates.stream()
                .findFirst()
                .filter(name -> distance(wanted, name) <= Math.max(wanted.length(), name.length()) / 2);
    }

    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
