package dev.lapidary.app.command;

import dev.lapidary.data.Names;
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
                .filter(name -> Names.distance(typed, name) <= reach)
                .sorted(Comparator.comparingInt(name -> Names.distance(typed, name)))
                .limit(MOST)
                .toList();
    }
}
