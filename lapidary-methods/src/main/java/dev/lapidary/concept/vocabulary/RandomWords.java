package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.runtime.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Draws nouns at random from WordNet: the vocabulary of the random-words control. A concept list that does no better than these
 * explains nothing.
 */
public final class RandomWords {
    private static final int FEWEST_LETTERS = 3;
    private static final int MOST_LETTERS = 14;

    private RandomWords() {}

    /**
     * Returns distinct single-word nouns in lower case of 3 to 14 letters; the same seed gives the same words.
     *
     * @param count number of words, M
     * @param classes no word of a class name is drawn, in singular or plural
     * @param concepts no word that is one of these concepts is drawn
     * @throws InputException where WordNet has fewer such nouns, about 50,000
     */
    public static ConceptSet draw(int count, long seed, List<String> classes, ConceptSet concepts) {
        WordNet wordNet = WordNet.shared();
        Set<String> excluded = new HashSet<>();
        for (Concept concept : concepts.concepts()) {
            exclude(wordNet, concept.key(), excluded);
        }
        for (String name : classes) {
            exclude(wordNet, Concept.key(name), excluded);
            for (String phrase : ClassTopics.phrases(name)) {
                for (String word : phrase.split(" ", -1)) {
                    exclude(wordNet, word, excluded);
                }
            }
            excluded.addAll(new ClassTopics(wordNet).of(name));
        }
        String[] nouns = wordNet.singleWords(FEWEST_LETTERS, MOST_LETTERS).stream()
                .filter(noun -> !excluded.contains(noun))
                .toArray(String[]::new);
        if (count < 1 || count > nouns.length) {
            throw new InputException(
                    "number of random words must be from 1 to %d; got %d".formatted(nouns.length, count));
        }
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < count; i++) { // the beginning of a Fisher-Yates shuffle
            int j = random.nextInt(i, nouns.length);
            String drawn = nouns[j];
            nouns[j] = nouns[i];
            nouns[i] = drawn;
        }
        return ConceptSet.of("random", List.of(nouns).subList(0, count));
    }

    private static void exclude(WordNet wordNet, String word, Set<String> excluded) {
        excluded.add(word);
        String base = wordNet.noun(word);
        if (base != null) {
            excluded.add(base);
        }
    }
}
