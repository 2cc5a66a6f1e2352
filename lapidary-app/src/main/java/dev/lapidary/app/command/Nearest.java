package dev.lapidary.app.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds what somebody who mistyped a name may have meant. */
final class Nearest {
    private static final int MOST = 2; // suggestions

    private Nearest() {}

    /** The known names within a third of the word's length, or two letters, of it; the nearest first. */
    static List<String> of(String word, Collection<String> names) {
        String typed = word.replaceFirst("=.*", "");
        int reach = Math.max(2, typed.length() / 3);
        return names.stream()
                .filter(name -> name.startsWith("--") == typed.startsWith("-"))
                .filter(name -> distance(typed, name) <= reach)
                .sorted(Comparator.comparingInt(name -> distance(typed, name)))
                .limit(MOST)
                .toList();
    }

    /** Letters to insert, remove, replace or swap with the next one, to make one word of the other. */
    static int distance(String a, String b) {
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
