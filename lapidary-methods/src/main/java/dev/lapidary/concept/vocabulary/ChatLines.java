package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the concepts out of a chat model's answer. Only what stands before a phrase as list markup is removed; unlike the published
 * expression, capital letters A to J within a phrase stay.
 */
final class ChatLines {
    private static final String THOUGHT = "<think>";
    private static final String THOUGHT_END = "</think>";
    private static final Pattern MARKER =
            Pattern.compile("[-*•–—·>#]+\\s*|\\(?\\d{1,3}[.):](?!\\d)\\s*|\\(?[A-Za-z][.)]\\s+");
    private static final Pattern GAPS = Pattern.compile("[\\s\\p{Cntrl}]+");
    private static final String DASHES = "-–—";
    private static final String ENDS = ".,;!";
    private static final Pattern DECORATION = Pattern.compile("[*_`\"“”„]+|^'|'$");
    private static final int MOST_WORDS = 8;

    private ChatLines() {}

    /** Returns the phrases, one per line of the answer, or split at commas where it is a single line; without repetition. */
    static List<String> concepts(String answer) {
        List<String> lines = withoutThoughts(answer)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (lines.size() == 1 && lines.get(0).contains(",")) {
            lines = List.of(lines.get(0).split(","));
        }
        Map<String, String> concepts = new LinkedHashMap<>();
        for (String line : lines) {
            String name = cleaned(line);
            if (!name.isEmpty()) {
                concepts.putIfAbsent(Concept.key(name), name);
            }
        }
        return new ArrayList<>(concepts.values());
    }

    /** Returns the phrase of one line, or nothing for a heading, a sentence around the list, or a rule. */
    private static String cleaned(String line) {
        String plain = DECORATION.matcher(line.strip()).replaceAll("").strip();
        if (plain.endsWith(":")) {
            return "";
        }
        String item = beforeExplanation(plain.substring(markers(plain)));
        String name = withoutEnds(GAPS.matcher(item).replaceAll(" ")).strip();
        boolean sentence = name.split(" ", -1).length > MOST_WORDS;
        boolean letters = name.codePoints().anyMatch(Character::isLetter);
        return sentence || !letters ? "" : name;
    }

    private static String withoutThoughts(String answer) {
        StringBuilder rest = new StringBuilder();
        int done = 0;
        int from = answer.indexOf(THOUGHT);
        while (from >= 0) {
            int to = answer.indexOf(THOUGHT_END, from);
            if (to < 0) {
                break;
            }
            rest.append(answer, done, from);
            done = to + THOUGHT_END.length();
            from = answer.indexOf(THOUGHT, done);
        }
        return rest.append(answer, done, answer.length()).toString();
    }

    /** How many letters of a line are list markup. */
    private static int markers(String line) {
        Matcher marker = MARKER.matcher(line);
        int at = 0;
        while (marker.region(at, line.length()).lookingAt()) {
            at = marker.end();
        }
        return at;
    }

    /** Returns what stands before a colon, a bracket or a dash between spaces. */
    private static String beforeExplanation(String item) {
        for (int i = 0; i < item.length(); i++) {
            char letter = item.charAt(i);
            boolean dash = DASHES.indexOf(letter) >= 0 && isSpace(item, i - 1) && isSpace(item, i + 1);
            if (letter == ':' || letter == '(' || dash) {
                return item.substring(0, i);
            }
        }
        return item;
    }

    private static boolean isSpace(String item, int at) {
        return at >= 0 && at < item.length() && " \t\n\u000b\f\r".indexOf(item.charAt(at)) >= 0;
    }

    private static String withoutEnds(String name) {
        int end = name.length();
        while (end > 0 && ENDS.indexOf(name.charAt(end - 1)) >= 0) {
            end--;
        }
        return name.substring(0, end);
    }
}
