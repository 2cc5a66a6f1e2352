package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Proposes words and two-word phrases of the training texts that stand much more often in one class than in the others.
 *
 * <p>Terms must stand in at least 3 texts and in at least 0.1 % of them. They are ranked by the log odds ratio with an informative
 * Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16(4), 2008), counted in texts rather than in
 * occurrences; the classes take turns. A word that mostly stands in one of the class's phrases is left to the phrase ("kong" to
 * "Hong Kong"). Only English grammar words are passed over by name, so texts of another language get some of theirs, where they
 * are uneven.
 *
 * <p>Hand in training texts only: words chosen from test texts would leak. Of more than {@value #MAX_TEXTS} texts, that many evenly
 * spaced ones are read.
 */
public final class CorpusProposer implements ConceptProposer {
    /** Candidates per class before the filters. */
    public static final int PER_CLASS = 60;

    /** Most texts that are read. */
    public static final int MAX_TEXTS = 100_000;

    private static final int FEWEST_TEXTS = 3;
    private static final double FEWEST_SHARE = 0.001;
    private static final double MIN_Z = 1.645; // one-sided 5 %
    private static final double SAME_TEXTS = 0.6;
    private static final String SOURCE = "corpus";

    private final List<String> classes;
    private final int perClass;
    private final TermStatistics statistics;

    /** Counts the training texts; {@link #PER_CLASS} candidates a class. */
    public CorpusProposer(List<String> trainingTexts, int[] labels, List<String> classes) {
        this(trainingTexts, labels, classes, PER_CLASS);
    }

    /**
     * Counts the training texts.
     *
     * @param labels index into the classes for each text, -1 for none
     * @param perClass most candidates for a class
     */
    public CorpusProposer(List<String> trainingTexts, int[] labels, List<String> classes, int perClass) {
        if (trainingTexts.size() != labels.length) {
            throw new InputException(
                    "texts and labels must match; got %d and %d".formatted(trainingTexts.size(), labels.length));
        }
        if (perClass < 1) {
            throw new IllegalArgumentException("perClass must be at least 1; got " + perClass);
        }
        int step = Math.max(1, Math.ceilDiv(labels.length, MAX_TEXTS));
        List<String> texts = new ArrayList<>();
        int[] chosen = new int[Math.ceilDiv(labels.length, step)];
        for (int i = 0; i < labels.length; i += step) {
            chosen[texts.size()] = labels[i];
            texts.add(trainingTexts.get(i));
        }
        this.classes = List.copyOf(classes);
        this.perClass = perClass;
        int fewest = Math.max(FEWEST_TEXTS, (int) Math.ceil(FEWEST_SHARE * chosen.length));
        this.statistics = new TermStatistics(texts, chosen, classes.size(), fewest);
    }

    /** {@inheritDoc} The classes must be those that it was made for. */
    @Override
    public ConceptSet propose(List<String> classNames) {
        if (!classes.equals(classNames)) {
            throw new InputException("classes must be those of the labels, %s; got %s".formatted(classes, classNames));
        }
        List<ConceptSet> sets = new ArrayList<>();
        for (int k = 0; k < classes.size(); k++) {
            sets.add(ofClass(k));
        }
        return ConceptSet.merge(sets);
    }

    private ConceptSet ofClass(int k) {
        Map<String, Double> scores = new HashMap<>();
        for (String term : statistics.terms().keySet()) {
            double score = statistics.zScore(term, k);
            if (score >= MIN_Z) {
                scores.put(term, score);
            }
        }
        List<String> phrases =
                scores.keySet().stream().filter(CorpusProposer::phrase).toList();
        Map<String, Integer> inAny = textsInPhrases(phrases, k);
        List<String> whole =
                phrases.stream().filter(term -> !acrossPhrases(term, inAny, k)).toList();
        Map<String, Integer> inWhole = textsInPhrases(whole, k);
        Set<String> wholePhrases = Set.copyOf(whole);
        List<Concept> best = scores.keySet().stream()
                .filter(term -> phrase(term) ? wholePhrases.contains(term) : !bound(term, inWhole, k))
                .sorted(Comparator.comparingDouble((String term) -> -scores.getOrDefault(term, 0.0))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(perClass)
                .map(term -> new Concept(spelling(term), SOURCE))
                .toList();
        return new ConceptSet(best);
    }

    private String spelling(String term) {
        TermStatistics.Term counted = statistics.terms().get(term);
        return counted == null ? term : counted.spelling(term);
    }

    private static boolean phrase(String term) {
        return term.indexOf(' ') > 0;
    }

    /** Returns for each word the most texts of class k that one phrase with it stands in. */
    private Map<String, Integer> textsInPhrases(List<String> phrases, int k) {
        Map<String, Integer> most = new HashMap<>();
        for (String term : phrases) {
            for (String word : term.split(" ", -1)) {
                most.merge(word, texts(term, k), Math::max);
            }
        }
        return most;
    }

    /** Whether a word mostly stands in one phrase, as "kong" does. */
    private boolean bound(String word, Map<String, Integer> mostTexts, int k) {
        return mostTexts.getOrDefault(word, 0) >= SAME_TEXTS * texts(word, k);
    }

    /** Whether a phrase is made of a piece of another one, as "Kong fell" is. */
    private boolean acrossPhrases(String phrase, Map<String, Integer> mostTexts, int k) {
        for (String word : phrase.split(" ", -1)) {
            if (bound(word, mostTexts, k) && texts(phrase, k) < mostTexts.getOrDefault(word, 0)) {
                return true;
            }
        }
        return false;
    }

    private int texts(String term, int k) {
        TermStatistics.Term counted = statistics.terms().get(term);
        return counted == null ? 0 : counted.texts(k);
    }

    /**
     * Returns how much a phrase suits a class in the training texts: the mean score of its words that carry a topic. 0 for words
     * that the texts do not have, negative for words of the other classes.
     */
    public double familiarity(String className, String phrase) {
        int k = classes.indexOf(className);
        if (k < 0) {
            return 0;
        }
        double sum = 0;
        int words = 0;
        for (String word : phrase.toLowerCase(Locale.ROOT).split("[\\s-]+", -1)) {
            if (!word.isEmpty() && !StopWords.contains(word)) {
                sum += statistics.zScore(word, k);
                words++;
            }
        }
        return words == 0 ? 0 : sum / words;
    }
}
