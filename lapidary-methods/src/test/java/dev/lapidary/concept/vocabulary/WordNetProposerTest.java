package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordNetProposerTest {
    @ParameterizedTest
    @CsvSource({
        "Sports, sport",
        "Sci/Tech, science technology",
        "street lighting, street lighting",
        "graffiti and vandalism, graffiti vandalism",
        "publicTransport, public transport",
        "parks & trees, park tree",
        "HTMLTables_of-the_day, html table day",
        "qqqzzz, ''",
        "'', ''",
        "rec.autos, recreation automobile"
    })
    void takesClassNamesApart(String name, String topics) {
        String found = String.join(" ", new ClassTopics(WordNet.shared()).of(name));
        assertThat(found).isEqualTo(topics);
    }

    @Test
    void saysWhichRelationACandidateCameBy() {
        ConceptSet set = new WordNetProposer(400, (className, phrase) -> 0).propose(List.of("Sports"));
        assertThat(set.concepts())
                .contains(
                        new Concept("contact sport", "wordnet:hyponym of sport"),
                        new Concept("football", "wordnet:hyponym of contact sport"),
                        new Concept("athletics", "wordnet:synonym of sport"),
                        new Concept("coach", "wordnet:term of sport"),
                        new Concept("competition", "wordnet:word in the definition of sport"));
    }

    @Test
    void givesGeneralisations() {
        assertThat(new WordNetProposer().propose(List.of("Business")).concepts())
                .contains(new Concept("enterprise", "wordnet:hypernym of business"));
    }

    @Test
    void givesPartsAndWholes() {
        ConceptSet set = new WordNetProposer(200, (className, phrase) -> 0).propose(List.of("bicycle"));
        assertThat(set.concepts())
                .contains(
                        new Concept("handlebar", "wordnet:part of bicycle"),
                        new Concept("mountain bike", "wordnet:hyponym of bicycle"));
        assertThat(new WordNetProposer().propose(List.of("tree")).concepts())
                .contains(new Concept("forest", "wordnet:whole of tree"));
    }

    @Test
    void givesEachClassItsShareInTurns() {
        List<String> classes = List.of("Sports", "Business");
        ConceptSet set = new WordNetProposer(10, (className, phrase) -> 0).propose(classes);
        assertThat(set.size()).isEqualTo(20);
        assertThat(set.concepts().get(0).source()).endsWith("of sport");
        assertThat(set.concepts().get(1).source()).endsWith("of business");
        assertThat(set.names().stream().map(Concept::key)).doesNotHaveDuplicates();
    }

    @Test
    void putsFamiliarPhrasesFirst() {
        ConceptSet set = new WordNetProposer(
                        20,
                        (className, phrase) -> phrase.toLowerCase(Locale.ROOT).contains("tennis") ? 1 : 0)
                .propose(List.of("Sports"));
        assertThat(set.names()).anyMatch(name -> name.contains("tennis"));
        assertThat(new WordNetProposer(20, (className, phrase) -> 0)
                        .propose(List.of("Sports"))
                        .names())
                .noneMatch(name -> name.contains("tennis"));
    }

    @Test
    void isDeterministicAndQuietAboutUnknownNames() {
        WordNetProposer proposer = new WordNetProposer();
        assertThat(proposer.propose(List.of("noise", "pests"))).isEqualTo(proposer.propose(List.of("noise", "pests")));
        assertThat(proposer.propose(List.of("qqqzzz")).size()).isZero();
        assertThatThrownBy(() -> new WordNetProposer(0, (className, phrase) -> 0))
                .hasMessageContaining("got 0");
    }

    @Test
    void findsNounsOfUpToThreeWordsInDefinitions() {
        assertThat(WordNetProposer.glossNouns(
                        WordNet.shared(),
                        "a member of the stock market (or bank) who quickly follows real estate prices"))
                .containsExactly("member", "stock market", "real estate", "price");
    }
}
