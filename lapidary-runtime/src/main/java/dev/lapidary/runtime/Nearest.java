package dev.lapidary.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the names that somebody who mistyped one may have meant: at most a third of the letters differ, or two, and never more than
 * half of them. Letters to insert, remove, replace or swap with the next one count, whatever their case. After these come names that
 * contain what was typed, from three letters or digits on, the shortest first.
 */
public final class Nearest {
    private static final int FEWEST_CONTAINED = 3; // letters or digits

    private Nearest() {}

    /** Returns the nearest name. */
    public static Optional<String> of(String typed, Collection<String> names) {
        return of(typed, names, 1).stream().findFirst();
    }

    /** Returns the nearest names, at most a number of them, the nearest first. */
    public static List<String> of(String typed, Collection<String> names, int most) {
        Stream<String> near = names.stream()
                .filter(name -> isNear(typed, name))
                .sorted(Comparator.comparingInt(name -> folded(typed, name)));
        Stream<String> containing = names.stream()
                .filter(name -> contains(name, typed) && !isNear(typed, name))
                .sorted(Comparator.comparingInt(String::length));
        return Stream.concat(near, containing).limit(most).toList();
    }

    private static boolean isNear(String typed, String name) {
        return folded(typed, name) <= reach(typed, name);
    }

    private static boolean contains(String name, String typed) {
        return typed.chars().filter(Character::isLetterOrDigit).count() >= FEWEST_CONTAINED
                && name.toLowerCase(Locale.ROOT).contains(typed.toLowerCase(Locale.ROOT));
    }

    private static int reach(String typed, String name) {
        int longer = Math.max(typed.length(), name.length());
        return Math.min(Math.max(2, longer / 3), longer / 2);
    }

    private static int folded(String a, String b) {
        return distance(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
    }

    private static int distance(String a, String b) {
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
