package dev.lapidary.encode;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Notices texts that are not English, by their script and by small words that English does not have. It is a guess that costs
 * nothing; short texts without such words pass.
 */
final class EnglishCheck {
    private static final int LOOKED_AT = 1000; // texts, spread evenly
    private static final int LETTERS = 2000; // of a text
    private static final int SURE = 2; // words of another language
    private static final double SHARE = 0.1; // of texts, from which on it is said

    private static final Set<String> ENGLISH = words(
            "the of and to is that it for was with are this you have not my be at i we they he she "
                    + "from or but has had were been will would can could when what which there their your our as if by an so do does did");

    private static final Map<String, Set<String>> OTHERS = Map.of(
            "German",
                    words(
                            "der das und ist nicht ein eine einen ich mit auf für dem sich auch wird sind wir zu wie bei oder aber"),
            "French",
                    words(
                            "le les des et est une pas vous je dans pour qui avec sur ce cette nous mais ou où être du au"),
            "Spanish", words("el los las una por con para del su y está pero como más este esta muy hay"),
            "Italian", words("il che di una non sono della gli è anche più questo questa alla nel"),
            "Portuguese", words("os uma não com em da um ao mais foi isso você está também pelo"),
            "Dutch", words("het een van niet ik dat op voor zijn aan ook maar deze wordt naar"));

    private EnglishCheck() {}

    private static Set<String> words(String list) {
        return Set.of(list.split(" ", -1));
    }

    /** A line where a tenth of the texts or more seem to be in another language. */
    static Optional<String> warning(List<String> texts) {
        Map<String, Integer> found = new TreeMap<>();
        int step = Math.max(1, texts.size() / LOOKED_AT);
        int seen = 0;
        for (int i = 0; i < texts.size(); i += step) {
            seen++;
            language(texts.get(i)).ifPresent(name -> found.merge(name, 1, Integer::sum));
        }
        int foreign = found.values().stream().mapToInt(count -> count).sum();
        if (foreign == 0 || foreign < SHARE * seen) {
            return Optional.empty();
        }
        String most = found.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
        return Optional.of(
                foreign + " of " + seen + " texts looked at seem not to be English (" + most
                        + "); the packaged encoder and WordNet know English only: use a multilingual encoder (--encoder DIR) and concepts of your own");
    }

    /** The language or script of a text, empty where it may be English. */
    static Optional<String> language(String text) {
        String head = text.length() > LETTERS ? text.substring(0, LETTERS) : text;
        Map<Character.UnicodeScript, Long> scripts = head.codePoints()
                .filter(Character::isLetter)
                .mapToObj(Character.UnicodeScript::of)
                .collect(Collectors.groupingBy(script -> script, TreeMap::new, Collectors.counting()));
        long all = scripts.values().stream().mapToLong(count -> count).sum();
        long latin = scripts.getOrDefault(Character.UnicodeScript.LATIN, 0L);
        if (2 * latin < all) {
            scripts.remove(Character.UnicodeScript.LATIN);
            return scripts.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .map(entry -> Character.getName(head.codePoints()
                                    .filter(letter -> Character.isLetter(letter)
                                            && Character.UnicodeScript.of(letter) == entry.getKey())
                                    .findFirst()
                                    .orElseThrow())
                            .split(" ", 2)[0])
                    .map(name -> name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT) + " script");
        }
        return byWords(head.toLowerCase(Locale.ROOT).split("[^\\p{L}]+", -1));
    }

    private static Optional<String> byWords(String[] words) {
        int english = 0;
        int accented = 0;
        Map<String, Integer> hits = new TreeMap<>();
        for (String word : words) {
            english += ENGLISH.contains(word) ? 1 : 0;
            accented += word.chars().anyMatch(letter -> letter > 0x7f) ? 1 : 0;
            OTHERS.forEach((name, own) -> {
                if (own.contains(word)) {
                    hits.merge(name, 1, Integer::sum);
                }
            });
        }
        int least = english;
        int marks = accented;
        return hits.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .filter(entry -> entry.getValue() + Math.min(1, marks) >= SURE && entry.getValue() > least)
                .map(Map.Entry::getKey);
    }
}
