package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Takes the concepts out of a chat model's answer. Only what stands before a phrase as list markup is removed; unlike the published
 * expression, capital letters A to J within a phrase stay.
 */
final class ChatLines {
    private static final Pattern THOUGHT = Pattern.compile("(?s)<think>.*?</think>");
    private static final Pattern MARKER =
            Pattern.compile("^(?:[-*•–—·>#]+\\s*|\\(?\\d{1,3}[.):](?!\\d)\\s*|\\(?[A-Za-z][.)]\\s+)+");
    private static final Pattern EXPLANATION = Pattern.compile("\\s*(?::|\\s[-–—]\\s|\\().*$");
    private static final Pattern DECORATION = Pattern.compile("[*_`\"“”„]+|^'|'$");
    private static final int MOST_WORDS = 8;

    private ChatLines() {}

    /** Returns the phrases, one per line of the answer, or split at commas where it is a single line; without repetition. */
    static List<String> concepts(String answer) {
        List<String> lines = THOUGHT.matcher(answer)
                .replaceAll("")
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
        String item =
                EXPLANATION.matcher(MARKER.matcher(plain).replaceFirst("")).replaceFirst("");
        String name = item.replaceAll("[\\s\\p{Cntrl}]+", " ")
                .replaceAll("[.,;!]+$", "")
                .strip();
        boolean sentence = name.split(" ", -1).length > MOST_WORDS;
        boolean letters = name.codePoints().anyMatch(Character::isLetter);
        return sentence || !letters ? "" : name;
    }
}
