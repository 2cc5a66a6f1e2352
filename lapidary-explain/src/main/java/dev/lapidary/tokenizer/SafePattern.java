package dev.lapidary.tokenizer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Whether a pattern can make Oniguruma try more than its ten million ways, at which the library ends the process: repetitions within
 * repetitions, alternatives that are repeated, and more than {@value #MOST} repetitions behind each other in one alternative.
 *
 * <p>All patterns of published models pass.
 */
final class SafePattern {
    private static final int LONGEST = 10_000; // letters
    private static final int MOST = 2; // in one alternative

    private final String pattern;
    private int at;

    private SafePattern(String pattern) {
        this.pattern = pattern;
    }

    /** What a group holds so far. */
    private static final class Group {
        private int repetitions; // in this alternative
        private int most; // in any
        private boolean alternatives;

        private int largest() {
            return Math.max(repetitions, most);
        }
    }

    /** Says what a pattern must not have, or nothing where it is safe. */
    static Optional<String> problem(String pattern) {
        return pattern.length() > LONGEST
                ? Optional.of("must have at most " + LONGEST + " letters")
                : new SafePattern(pattern).problem();
    }

    private Optional<String> problem() {
        Deque<Group> open = new ArrayDeque<>();
        open.push(new Group());
        while (at < pattern.length()) {
            char letter = pattern.charAt(at++);
            Group closed = new Group();
            switch (letter) {
                case '\\' -> {
                    if (at < pattern.length() && pattern.charAt(at) == 'g') {
                        return Optional.of("must not call its groups");
                    }
                    escape();
                }
                case '[' -> letters();
                case '(' -> {
                    open.push(new Group());
                    if (at < pattern.length() && pattern.charAt(at) == '?') {
                        at++; // is no repetition here
                    }
                    continue;
                }
                case ')' -> {
                    if (open.size() > 1) {
                        closed = open.pop();
                    }
                }
                case '|' -> {
                    Group group = open.element();
                    group.most = group.largest();
                    group.repetitions = 0;
                    group.alternatives = true;
                    continue;
                }
                default -> {} // stands for itself
            }
            boolean repeated = repeats();
            if (repeated && (closed.largest() > 0 || closed.alternatives)) {
                return Optional.of("must not repeat a group that has alternatives or repetitions");
            }
            Group group = open.element();
            group.repetitions += closed.largest() + (repeated ? 1 : 0);
            if (group.repetitions > MOST) {
                return Optional.of("must have at most " + MOST + " repetitions in one alternative");
            }
        }
        return Optional.empty();
    }

    /** Passes a property, a code in braces and single letters. */
    private void escape() {
        char kind = at < pattern.length() ? pattern.charAt(at++) : ' ';
        if ((kind == 'p' || kind == 'P' || kind == 'x') && at < pattern.length() && pattern.charAt(at) == '{') {
            int end = pattern.indexOf('}', at);
            at = end < 0 ? pattern.length() : end + 1;
        }
    }

    /** Passes a class of letters, which may hold others. */
    private void letters() {
        int depth = 1;
        while (at < pattern.length() && depth > 0) {
            char letter = pattern.charAt(at++);
            if (letter == '\\') {
                at++;
            } else if (letter == '[') {
                depth++;
            } else if (letter == ']') {
                depth--;
            }
        }
    }

    /** Passes quantifiers, and says whether one of them takes more than a few. */
    private boolean repeats() {
        boolean many = false;
        while (at < pattern.length()) {
            char letter = pattern.charAt(at);
            if (letter == '*' || letter == '+') {
                many = true;
                at++;
            } else if (letter == '?') {
                at++;
            } else if (letter == '{') {
                int end = pattern.indexOf('}', at);
                String counts = end < 0 ? "" : pattern.substring(at + 1, end);
                if (!counts.matches("[0-9]*,?[0-9]*") || counts.isEmpty()) {
                    return many; // a brace
                }
                many |= !counts.matches("[0-9]|[0-9]?,[0-9]");
                at = end + 1;
            } else {
                return many;
            }
        }
        return many;
    }
}
