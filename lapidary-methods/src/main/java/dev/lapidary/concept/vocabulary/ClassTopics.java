package dev.lapidary.concept.vocabulary;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes class names apart into nouns that WordNet knows: "Sci/Tech" into science and technology. */
final class ClassTopics {
    private static final Set<String> EMPTY_WORDS =
            Set.of("a", "an", "and", "for", "in", "of", "on", "or", "other", "the", "to");

    /** What people shorten in class names, where WordNet lacks the short form or knows it as something else. */
    private static final Map<String, String> SHORT_FORMS = Map.ofEntries(
            Map.entry("admin", "administration"),
            Map.entry("ads", "advertising"),
            Map.entry("auto", "automobile"),
            Map.entry("autos", "automobile"),
            Map.entry("bio", "biology"),
            Map.entry("biz", "business"),
            Map.entry("comp", "computer"),
            Map.entry("econ", "economics"),
            Map.entry("edu", "education"),
            Map.entry("ent", "entertainment"),
            Map.entry("env", "environment"),
            Map.entry("fin", "finance"),
            Map.entry("govt", "government"),
            Map.entry("hr", "personnel"),
            Map.entry("info", "information"),
            Map.entry("maths", "mathematics"),
            Map.entry("med", "medicine"),
            Map.entry("pol", "politics"),
            Map.entry("rec", "recreation"),
            Map.entry("sci", "science"),
            Map.entry("soc", "society"),
            Map.entry("tech", "technology"),
            Map.entry("uni", "university"));

    private final WordNet wordNet;

    ClassTopics(WordNet wordNet) {
        this.wordNet = wordNet;
    }

    /** Returns the base forms of the nouns in a class name, each phrase whole where WordNet knows it, else by its words. */
    List<String> of(String className) {
        SequencedSet<String> topics = new LinkedHashSet<>();
        for (String phrase : phrases(className)) {
            String whole = lookUp(phrase);
            if (whole != null) {
                topics.add(whole);
                continue;
            }
            for (String word : phrase.split(" ", -1)) {
                String noun = EMPTY_WORDS.contains(word) ? null : lookUp(word);
                if (noun != null) {
                    topics.add(noun);
                }
            }
        }
        return List.copyOf(topics);
    }

    /** Returns the lower-case parts between slashes, commas, "and", ...; CamelCase and underscores become words. */
    static List<String> phrases(String className) {
        String spaced = className
                .replaceAll("(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})", " ")
                .replaceAll("[_.\\-]", " ")
                .toLowerCase(Locale.ROOT);
        List<String> phrases = new ArrayList<>();
        for (String part : spaced.split("[/,&+;:|()]| and | or ", -1)) {
            String phrase = part.replaceAll("[^\\p{L}\\p{N}' ]", " ")
                    .replaceAll("\\s+", " ")
                    .strip();
            if (!phrase.isEmpty()) {
                phrases.add(phrase);
            }
        }
        return phrases;
    }

    private @Nullable String lookUp(String phrase) {
        String expanded = SHORT_FORMS.getOrDefault(phrase, phrase);
        return expanded.length() < 2 ? null : wordNet.noun(expanded);
    }
}
