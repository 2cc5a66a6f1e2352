package dev.lapidary.data;

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

    /** The name at the smallest edit distance, whatever the case, where at most half of its letters differ. */
    public static Optional<String> nearest(String wanted, List<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> folded(wanted, name)))
                .filter(name -> folded(wanted, name) <= Math.max(wanted.length(), name.length()) / 2);
    }

    private static int folded(String a, String b) {
        return distance(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
    }

    /** Letters to insert, remove, replace or swap with the next one, to make one word of the other. */
    public static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
