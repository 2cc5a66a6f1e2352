package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorpusProposerTest {
    private static final List<String> CLASSES = List.of("business", "sports");

    private static final List<String> TEXTS = List.of(
            "goal match goal",
            "match goal",
            "team match",
            "goal keeper",
            "profit market",
            "market shares",
            "profit team",
            "market profit goal");

    @Test
    void scoresTermsByTheLogOddsRatio() {
        // figures calculated apart, in float64, from the formula of the paper
        TermStatistics statistics = new TermStatistics(TEXTS, new int[] {0, 0, 0, 0, 1, 1, 1, 1}, 2, 2);
        assertThat(statistics.terms().keySet())
                .containsExactlyInAnyOrder("goal", "market", "match", "match goal", "profit", "team");
        assertThat(statistics.zScore("goal", 0)).isCloseTo(1.0114434898423168, within(1e-9));
        assertThat(statistics.zScore("market", 0)).isCloseTo(-1.5120693360719606, within(1e-9));
        assertThat(statistics.zScore("team", 0)).isCloseTo(-0.08615500649064835, within(1e-9));
        assertThat(statistics.zScore("match", 0)).isCloseTo(1.3829199968667754, within(1e-9));
        assertThat(statistics.zScore("team", 1)).isCloseTo(0.08615500649064835, within(1e-9));
        assertThat(statistics.zScore("absent", 0)).isZero();
    }

    private static CorpusProposer proposer(List<String> business, List<String> sports) {
        List<String> texts = new ArrayList<>();
        for (int copy = 0; copy < 10; copy++) {
            texts.addAll(business);
            texts.addAll(sports);
        }
        int[] labels = new int[texts.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % (business.size() + sports.size()) < business.size() ? 0 : 1;
        }
        return new CorpusProposer(texts, labels, CLASSES);
    }

    @Test
    void takesClassesInTurnsAndNamesItsSource() {
        ConceptSet set =
                proposer(List.of("profit here"), List.of("striker here")).propose(CLASSES);
        assertThat(set.concepts()).containsExactly(new Concept("profit", "corpus"), new Concept("striker", "corpus"));
    }

    @Test
    void leavesWordsToThePhraseThatTheyStandIn() {
        ConceptSet set = proposer(
                        List.of("Shares in Hong Kong fell", "the banks of Hong Kong"),
                        List.of("a match. Goal", "goal, then a match"))
                .propose(CLASSES);
        assertThat(set.names()).contains("Hong Kong", "banks", "goal", "match");
        assertThat(set.names()).doesNotContain("Hong", "Kong", "hong", "kong", "match goal", "Kong fell");
    }

    @Test
    void passesOverGrammarMarkupDatelinesAndShortWords() {
        ConceptSet set = proposer(
                        List.of(
                                "(Reuters) - the &lt;A HREF=\"http://x.example/quick.aspx?ticker=Q\"&gt;oil&lt;/A&gt; #39;s &quot;up&quot;",
                                "see http://site.example/oil.html or www.oil.example; oil they're <b>it</b>"),
                        List.of("they won, tv"))
                .propose(CLASSES);
        assertThat(set.names()).containsExactlyInAnyOrder("oil", "won");
    }

    @Test
    void spellsWordsAsTheTextsMostlyDo() {
        ConceptSet set = proposer(
                        List.of(
                                "IRAQ war",
                                "Iraq war",
                                "Profit and profit",
                                "Profit",
                                "PROFIT",
                                "NEW YORK money",
                                "New York money"),
                        List.of("match", "goal", "team", "coach", "league"))
                .propose(CLASSES);
        assertThat(set.names())
                .contains("Iraq war", "profit", "New York")
                .doesNotContain("IRAQ war", "Profit", "NEW YORK");
    }

    @Test
    void asksForThreeTextsAndIgnoresUnlabelledOnes() {
        List<String> texts = new ArrayList<>(Collections.nCopies(20, "match"));
        texts.addAll(List.of("rare profit", "rare profit", "common profit"));
        texts.addAll(Collections.nCopies(20, "secret"));
        int[] labels = new int[texts.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i < 20 ? 1 : i < 23 ? 0 : -1;
        }
        assertThat(new CorpusProposer(texts, labels, CLASSES).propose(CLASSES).names())
                .containsExactlyInAnyOrder("profit", "match");
    }

    @Test
    void limitsCandidatesOfAClass() {
        List<String> texts = Collections.nCopies(30, "alpha, beta, gamma, delta");
        List<String> others = Collections.nCopies(30, "omega");
        List<String> all = new ArrayList<>(texts);
        all.addAll(others);
        int[] labels = new int[60];
        for (int i = 30; i < 60; i++) {
            labels[i] = 1;
        }
        assertThat(new CorpusProposer(all, labels, CLASSES, 2).propose(CLASSES).names())
                .containsExactly("alpha", "omega", "beta");
    }

    @Test
    void knowsWhichPhrasesSuitAClass() {
        CorpusProposer corpus = proposer(List.of("profit"), List.of("match"));
        assertThat(corpus.familiarity("business", "the profit")).isPositive();
        assertThat(corpus.familiarity("business", "match")).isNegative();
        assertThat(corpus.familiarity("business", "zebra")).isZero();
        assertThat(corpus.familiarity("business", "zebra profit"))
                .isCloseTo(corpus.familiarity("business", "profit") / 2, within(1e-12));
    }

    @Test
    void refusesLabelsThatDoNotFit() {
        assertThatThrownBy(() -> new CorpusProposer(List.of("a"), new int[] {0, 1}, CLASSES))
                .isInstanceOf(InputException.class)
                .hasMessage("texts and labels must match; got 1 and 2");
        assertThatThrownBy(() -> proposer(List.of("a"), List.of("b")).propose(List.of("x")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got [x]");
    }

    @Test
    void theStandardProposalHasBothSources() {
        List<String> texts = Collections.nCopies(5, "the striker scored");
        List<String> others = Collections.nCopies(5, "the bank paid");
        List<String> all = new ArrayList<>(texts);
        all.addAll(others);
        int[] labels = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
        ConceptSet set = ConceptProposer.standard(all, labels, CLASSES).propose(CLASSES);
        assertThat(set.concepts()).contains(new Concept("striker scored", "corpus"));
        assertThat(set.concepts()).anyMatch(concept -> concept.source().equals("wordnet:hyponym of sport"));
    }
}
