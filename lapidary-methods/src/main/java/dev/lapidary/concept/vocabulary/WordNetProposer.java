package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.WordNet.Sense;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;
import net.sf.extjwnl.data.PointerType;

/**
 * Proposes concepts for class names from WordNet 3.1, without network: kinds, parts, wholes, generalisations, terms of the field,
 * derived nouns, attributes, synonyms, and the nouns of the definitions.
 *
 * <p>A class name is split at slashes, commas, ampersands, "and", and inside CamelCase; a phrase is looked up whole, else by its
 * words; short forms such as "tech" are spelled out. The first meanings of each noun are used, later ones only where the texts
 * behind WordNet use them. Relations take turns within a class, classes take turns in the list, so that a prefix of the list is
 * fair to both. The same input always gives the same list.
 *
 * <p>Where the published Sparse-CBM asks ConceptNet's web service for HasA, IsA, PartOf, HasProperty, MadeOf and AtLocation, these
 * are WordNet's nearest relations.
 */
public final class WordNetProposer implements ConceptProposer {
    /** Candidates per class before the filters. */
    public static final int PER_CLASS = 120;

    private static final int SENSES = 3;
    private static final int DEPTH = 4;
    private static final int MAX_KINDS = 3_000;
    private static final int GLOSS_WINDOW = 3;
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z'-]*");

    private final int perClass;
    private final ToDoubleBiFunction<String, String> familiarity;

    /** Relations that take turns within a class, in this order. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody adds to the sets
    private enum Relation {
        SYNONYM("synonym"),
        TOPIC("term", PointerType.CATEGORY_MEMBER),
        KIND("hyponym", PointerType.HYPONYM, PointerType.INSTANCES_HYPONYM),
        PART("part", PointerType.PART_MERONYM, PointerType.MEMBER_MERONYM, PointerType.SUBSTANCE_MERONYM),
        WHOLE("whole", PointerType.PART_HOLONYM, PointerType.MEMBER_HOLONYM, PointerType.SUBSTANCE_HOLONYM),
        GENERAL("hypernym", PointerType.HYPERNYM, PointerType.INSTANCE_HYPERNYM),
        DERIVED("derived form", PointerType.DERIVATION),
        ATTRIBUTE("attribute", PointerType.ATTRIBUTE),
        GLOSS("word in the definition");

        private final String label;
        private final Set<PointerType> pointers;

        Relation(String label, PointerType... pointers) {
            this.label = label;
            this.pointers =
                    pointers.length == 0 ? EnumSet.noneOf(PointerType.class) : EnumSet.copyOf(List.of(pointers));
        }
    }

    private record Candidate(Concept concept, int uses) {}

    /** Proposes {@link #PER_CLASS} concepts for each class, those first that the texts behind WordNet use most. */
    public WordNetProposer() {
        this(PER_CLASS, (className, phrase) -> 0);
    }

    /**
     * Proposes concepts, within each relation the most familiar first.
     *
     * @param perClass most candidates for a class
     * @param familiarity of a class name and a phrase: larger where the phrase suits the class in the data at hand, such as {@link
     *     CorpusProposer#familiarity}; of equal ones, those come first that the texts behind WordNet use most
     */
    public WordNetProposer(int perClass, ToDoubleBiFunction<String, String> familiarity) {
        if (perClass < 1) {
            throw new IllegalArgumentException("perClass must be at least 1; got " + perClass);
        }
        this.perClass = perClass;
        this.familiarity = familiarity;
    }

    @Override
    public ConceptSet propose(List<String> classes) {
        WordNet wordNet = WordNet.shared();
        ClassTopics topics = new ClassTopics(wordNet);
        List<ConceptSet> perClassSets = new ArrayList<>();
        for (String name : classes) {
            Map<Relation, List<Candidate>> found = new LinkedHashMap<>();
            for (Relation relation : Relation.values()) {
                found.put(relation, new ArrayList<>());
            }
            topics.of(name).forEach(topic -> collect(wordNet, topic, found));
            perClassSets.add(takeTurns(name, found.values()));
        }
        return ConceptSet.merge(perClassSets);
    }

    private static void collect(WordNet wordNet, String topic, Map<Relation, List<Candidate>> found) {
        List<Sense> senses = wordNet.senses(topic);
        for (int s = 0; s < Math.min(SENSES, senses.size()); s++) {
            Sense sense = senses.get(s);
            if (s > 0 && sense.uses() == 0) {
                continue;
            }
            found.forEach((relation, into) -> {
                switch (relation) {
                    case SYNONYM -> sense.lemmas().forEach(lemma -> add(into, lemma, relation, topic, sense.uses()));
                    case KIND -> kinds(wordNet, sense, topic, into);
                    case GLOSS ->
                        glossNouns(wordNet, sense.definition()).forEach(n -> add(into, n, relation, topic, 0));
                    default ->
                        wordNet.related(sense, relation.pointers)
                                .forEach(other -> add(into, other.lemmas().get(0), relation, topic, other.uses()));
                }
            });
        }
    }

    /** Adds kinds, kinds of kinds and so on, to a depth; each says what it is a kind of. */
    private static void kinds(WordNet wordNet, Sense root, String topic, List<Candidate> into) {
        record Step(Sense sense, String name, int depth) {}
        Deque<Step> open = new ArrayDeque<>(List.of(new Step(root, topic, 0)));
        Set<Long> seen = new HashSet<>();
        while (!open.isEmpty() && seen.size() < MAX_KINDS) {
            Step step = open.removeFirst();
            for (Sense kind : wordNet.related(step.sense(), Relation.KIND.pointers)) {
                if (!seen.add(kind.synset().getOffset())) {
                    continue;
                }
                String name = kind.lemmas().get(0);
                add(into, name, Relation.KIND, step.name(), kind.uses());
                if (step.depth() + 1 < DEPTH) {
                    open.addLast(new Step(kind, name, step.depth() + 1));
                }
            }
        }
    }

    private static void add(List<Candidate> into, String lemma, Relation relation, String topic, int uses) {
        String name = lemma.replace('_', ' ').strip();
        if (name.length() < 3) {
            return; // abbreviations such as "IP" mean something else to a sentence encoder
        }
        Concept concept = new Concept(name, "wordnet:%s of %s".formatted(relation.label, topic));
        into.add(new Candidate(concept, uses));
    }

    /** Returns the longest nouns of one to three words that stand in a definition. */
    static List<String> glossNouns(WordNet wordNet, String definition) {
        String plain = definition.replaceAll("\\([^)]*\\)", " ").toLowerCase(Locale.ROOT);
        List<String> words =
                WORD.matcher(plain).results().map(match -> match.group()).toList();
        List<String> nouns = new ArrayList<>();
        for (int from = 0; from < words.size(); ) {
            int taken = 0;
            for (int length = Math.min(GLOSS_WINDOW, words.size() - from); length > 0 && taken == 0; length--) {
                String noun = noun(wordNet, words.subList(from, from + length));
                if (!noun.isEmpty()) {
                    nouns.add(noun);
                    taken = length;
                }
            }
            from += Math.max(1, taken);
        }
        return nouns;
    }

    private static String noun(WordNet wordNet, List<String> words) {
        String phrase = String.join(" ", words);
        boolean single = words.size() == 1;
        if (StopWords.contains(words.get(0))
                || StopWords.contains(words.get(words.size() - 1))
                || phrase.length() < 3) {
            return "";
        }
        String noun = wordNet.noun(phrase);
        return noun == null || (single && !wordNet.mostlyNoun(phrase)) ? "" : noun;
    }

    private ConceptSet takeTurns(String className, Collection<List<Candidate>> relations) {
        List<ConceptSet> sorted = new ArrayList<>();
        for (List<Candidate> candidates : relations) {
            List<ConceptSet> single = candidates.stream()
                    .sorted(Comparator.comparingDouble((Candidate candidate) -> -familiarity.applyAsDouble(
                                    className, candidate.concept().name()))
                            .thenComparingInt(candidate -> -candidate.uses()))
                    .map(candidate -> new ConceptSet(List.of(candidate.concept())))
                    .toList();
            sorted.add(ConceptSet.merge(single));
        }
        ConceptSet merged = ConceptSet.merge(sorted);
        return new ConceptSet(merged.concepts().subList(0, Math.min(perClass, merged.size())));
    }
}
