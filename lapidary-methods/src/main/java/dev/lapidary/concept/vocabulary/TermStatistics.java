package dev.lapidary.concept.vocabulary;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts in how many texts of each class a term stands: a word, or two neighbouring words. Terms that stand in too few texts are
 * forgotten.
 */
final class TermStatistics {
    private static final Pattern TOKEN =
            Pattern.compile("\\p{Lu}(?:\\.\\p{Lu})+(?!\\p{L})|\\p{L}[\\p{L}\\p{N}]*+(?:['’&-]\\p{L}[\\p{L}\\p{N}]*+)*+");
    private static final Pattern MARKUP =
            Pattern.compile("&lt;.{1,300}?&gt;|<[^<>]{1,300}>|https?://\\S+|www\\.\\S+|&?#\\d+;|&\\w+;|\\\\");
    private static final Set<String> PHRASES_ONLY = Set.of("new", "old", "high", "low", "big"); // as in "New York"
    private static final int SHORTEST = 3;
    private static final double PRIOR = 0.1; // weight of the prior against the data

    private final int classes;
    private final Map<String, Term> terms = new TreeMap<>();
    private final long[] totals; // [K], occurrences of all terms

    /** A term's texts per class [K], and how it is spelled. */
    static final class Term {
        private final int[] texts;
        private final Map<String, Integer> spellings = new HashMap<>();
        private int all;
        private int asides; // texts in which it first stands alone in brackets or before a dash, as a dateline does

        private Term(int classes) {
            texts = new int[classes];
        }

        /** Texts of class k that have it. */
        int texts(int k) {
            return texts[k];
        }

        /** Texts that have it. */
        int texts() {
            return all;
        }

        /**
         * Returns lower case where a fifth of the texts write it so, else the commonest spelling. One with a word all in capitals
         * counts less, since headlines and datelines shout.
         */
        String spelling(String lower) {
            if (spellings.getOrDefault(lower, 0) * 5 >= all) {
                return lower;
            }
            String best = lower;
            double most = 0;
            for (Map.Entry<String, Integer> entry : new TreeMap<>(spellings).entrySet()) {
                double weight = entry.getValue() * (shouted(entry.getKey()) ? 0.1 : 1);
                if (weight > most) {
                    most = weight;
                    best = entry.getKey();
                }
            }
            return best;
        }
    }

    private static boolean shouted(String spelling) {
        for (String word : spelling.split(" ", -1)) {
            if (word.equals(word.toUpperCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    private record Token(String text, String lower, int start, int end, boolean aside) {}

    /**
     * Counts.
     *
     * @param labels index of each text's class, or -1
     * @param fewest texts that a term must stand in
     */
    TermStatistics(List<String> texts, int[] labels, int classes, int fewest) {
        this.classes = classes;
        this.totals = new long[classes];
        count(texts, labels, 1, fewest);
        count(texts, labels, 2, fewest);
        terms.keySet().removeAll(PHRASES_ONLY);
        terms.values().forEach(term -> {
            for (int k = 0; k < classes; k++) {
                totals[k] += term.texts[k];
            }
        });
    }

    /** Counts terms of one length; pairs are counted only where both words stand in enough texts. */
    private void count(List<String> texts, int[] labels, int words, int fewest) {
        Map<String, Term> counted = new HashMap<>();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                continue;
            }
            int label = labels[i];
            Set<String> seen = new HashSet<>();
            Set<String> spelled = new HashSet<>();
            Consumer<Token> add = token -> {
                Term term = counted.computeIfAbsent(token.lower(), key -> new Term(classes));
                if (seen.add(token.lower())) {
                    term.texts[label]++;
                    term.all++;
                    term.asides += token.aside() ? 1 : 0;
                }
                if (spelled.add(token.text())) {
                    term.spellings.merge(token.text(), 1, Integer::sum);
                }
            };
            if (words == 1) {
                singles(texts.get(i), add);
            } else {
                pairs(texts.get(i), add);
            }
        }
        counted.values().removeIf(term -> term.all < fewest || term.asides * 2 > term.all);
        terms.putAll(counted);
    }

    private static void singles(String text, Consumer<Token> to) {
        for (Token token : tokens(text)) {
            if (topical(token)) {
                to.accept(token);
            }
        }
    }

    private void pairs(String text, Consumer<Token> to) {
        String plain = plain(text);
        List<Token> tokens = tokens(plain);
        for (int t = 1; t < tokens.size(); t++) {
            Token first = tokens.get(t - 1);
            Token second = tokens.get(t);
            if (terms.containsKey(first.lower())
                    && terms.containsKey(second.lower())
                    && plain.substring(first.end(), second.start()).isBlank()) {
                String lower = first.lower() + " " + second.lower();
                to.accept(new Token(first.text() + " " + second.text(), lower, first.start(), second.end(), false));
            }
        }
    }

    private static boolean topical(Token token) {
        return token.text().length() >= SHORTEST && !StopWords.contains(token.lower());
    }

    private static String plain(String text) {
        return MARKUP.matcher(text).replaceAll(match -> " ".repeat(match.group().length()));
    }

    private static List<Token> tokens(String text) {
        List<Token> tokens = new ArrayList<>();
        String plain = plain(text);
        Matcher matcher = TOKEN.matcher(plain);
        while (matcher.find()) {
            String word = matcher.group().replace('’', '\'');
            if (word.endsWith("'s") || word.endsWith("'S")) {
                word = word.substring(0, word.length() - 2);
            }
            tokens.add(new Token(
                    word, word.toLowerCase(Locale.ROOT), matcher.start(), matcher.end(), aside(plain, matcher)));
        }
        return tokens;
    }

    private static boolean aside(String text, Matcher token) {
        boolean opened = token.start() > 0 && text.charAt(token.start() - 1) == '(';
        boolean closed = token.end() < text.length() && text.charAt(token.end()) == ')';
        return (opened && closed) || text.startsWith(" - ", token.end());
    }

    /** Returns the terms by their lower-case spelling, sorted. */
    Map<String, Term> terms() {
        return terms;
    }

    /**
     * Returns how much likelier a term is in texts of class k than in the others: the log odds ratio with an informative Dirichlet
     * prior, divided by its standard deviation, as in Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16(4),
     * 2008. 0 for a term that does not occur.
     */
    double zScore(String lower, int k) {
        Term term = terms.get(lower);
        if (term == null) {
            return 0;
        }
        double allTotal = 0;
        for (long total : totals) {
            allTotal += total;
        }
        double inside = term.texts[k];
        double outside = term.all - inside;
        double prior = PRIOR * term.all;
        double priorTotal = PRIOR * allTotal;
        double logOddsInside = Math.log((inside + prior) / (totals[k] + priorTotal - inside - prior));
        double logOddsOutside = Math.log((outside + prior) / (allTotal - totals[k] + priorTotal - outside - prior));
        return (logOddsInside - logOddsOutside) / Math.sqrt(1 / (inside + prior) + 1 / (outside + prior));
    }
}
