package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.runtime.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RandomWordsTest {
    private static final ConceptSet NONE = new ConceptSet(List.of());

    @Test
    void drawsDistinctPlainNounsBySeed() {
        ConceptSet drawn = RandomWords.draw(2_000, 7, List.of("World"), NONE);
        assertThat(drawn.names()).hasSize(2_000).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z]{3,14}"));
        assertThat(RandomWords.draw(2_000, 7, List.of("World"), NONE)).isEqualTo(drawn);
        assertThat(RandomWords.draw(2_000, 8, List.of("World"), NONE).names()).isNotEqualTo(drawn.names());
        assertThat(RandomWords.draw(10, 7, List.of("World"), NONE).names())
                .isEqualTo(drawn.names().subList(0, 10));
        assertThat(drawn.concepts().get(0).source()).isEqualTo("random");
    }

    @Test
    void neverDrawsClassWordsOrTheUsersConcepts() {
        List<String> all = WordNet.shared().singleWords(3, 14);
        assertThat(all).contains("sport", "science", "technology", "tech", "pitcher", "world");
        int without = all.size() - 6;
        ConceptSet drawn = RandomWords.draw(
                without, 1, List.of("Sports", "Sci/Tech", "World"), ConceptSet.of("s", List.of("Pitchers")));
        assertThat(drawn.names()).doesNotContain("sport", "science", "technology", "tech", "pitcher", "world");
        assertThatThrownBy(() -> RandomWords.draw(
                        without + 1,
                        1,
                        List.of("Sports", "Sci/Tech", "World"),
                        ConceptSet.of("s", List.of("Pitchers"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got " + (without + 1));
    }
}
