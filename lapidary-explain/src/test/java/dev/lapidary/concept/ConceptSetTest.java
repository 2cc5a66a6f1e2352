package dev.lapidary.concept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.strings;

import dev.lapidary.concept.ConceptLedger.Entry;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConceptSetTest {
    @TempDir
    Path folder;

    private final ConceptLedger ledger = new ConceptLedger();

    private Path file(String text) {
        return file(text.getBytes(StandardCharsets.UTF_8));
    }

    private Path file(byte[] bytes) {
        try {
            return Files.write(folder.resolve("list.txt"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void stripsArticlesAsTheGoldenFileSays() throws IOException {
        try (InputStream in = ConceptSetTest.class.getResourceAsStream("concept-filters.json")) {
            JsonNode pairs = JsonMapper.shared().readTree(in).get("strip_article");
            assertThat(pairs).hasSize(5);
            for (JsonNode pair : pairs) {
                assertThat(Concept.stripArticle(pair.get(0).stringValue()))
                        .isEqualTo(pair.get(1).stringValue());
            }
        }
    }

    @Test
    void comparesNamesWithoutCaseArticleSpacingAndUnicodeForm() {
        assertThat(Concept.key(" The  WING ")).isEqualTo("wing");
        assertThat(Concept.key("cafe\u0301")).isEqualTo(Concept.key("caf\u00e9"));
        assertThat(Concept.key("the")).isEqualTo("the");
        assertThat(Concept.key("theatre")).isEqualTo("theatre");
    }

    @Test
    void sendsBlankAndRepeatedLinesToTheLedger() {
        Path list = file("\uFEFFhome run\r\n\r\n  The  Home Run \r\nstock\tmarket\n\u00a0\na stock market");
        ConceptSet set = ConceptSet.read(list, ledger);
        assertThat(set.names()).containsExactly("home run", "stock market");
        assertThat(set.concepts().get(1).source()).isEqualTo("list.txt");
        assertThat(ledger.entries())
                .containsExactly(
                        new Entry("", "list.txt", "blank", false, 1, 1, "", 2),
                        new Entry("The Home Run", "list.txt", "repeated", false, 1, 1, "line 1", 3),
                        new Entry("", "list.txt", "blank", false, 1, 1, "", 5),
                        new Entry("a stock market", "list.txt", "repeated", false, 1, 1, "line 4", 6));
        assertThat(ConceptSet.warning(list, ledger))
                .contains(list + ": left out 2 repeated and 2 blank lines; the ledger has their numbers");
    }

    @Test
    void warnsOfNothingWhereNothingWasLeftOut() {
        Path list = file("a\nb\n");
        assertThat(ConceptSet.read(list, ledger).size()).isEqualTo(2);
        assertThat(ConceptSet.warning(list, ledger)).isEmpty();
    }

    @Test
    void refusesAnEmptyList() {
        assertThatThrownBy(() -> ConceptSet.read(file("\n \n"), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("a concept list must hold at least one concept; got 2 blank lines");
        assertThatThrownBy(() -> ConceptSet.read(file(""), ledger)).isInstanceOf(InputException.class);
    }

    @Test
    void refusesALongLineButTakesOneOfAThousandCharacters() {
        assertThat(ConceptSet.read(file("x".repeat(1_000)), ledger).size()).isOne();
        assertThatThrownBy(() -> ConceptSet.read(file("ok\n" + "x".repeat(1 << 20)), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("must have at most 1000 characters; got 1048576 in line 2");
    }

    @Test
    void refusesTextThatIsNotUtf8AndSaysWhere() {
        byte[] bytes = "fine\nna\u00efve\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> ConceptSet.read(file(bytes), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("must be UTF-8 text; got other bytes on line 2");
    }

    @Test
    void refusesControlCharactersAndMissingFiles() {
        assertThatThrownBy(() -> ConceptSet.read(file("a\nb\u0000c"), ledger))
                .hasMessageEndingWith("must have no control character; got U+0000 in line 2");
        assertThatThrownBy(() -> ConceptSet.read(folder.resolve("none.txt"), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("must be a text file; got nothing");
        assertThatThrownBy(() -> ConceptSet.read(folder, ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("must be a text file; got something else");
    }

    @Test
    void mergesInTurnsAndKeepsTheFirstOfEqualOnes() {
        ConceptSet left = ConceptSet.of("l", List.of("a1", "the same", "a3"));
        ConceptSet right = ConceptSet.of("r", List.of("Same", "b2"));
        assertThat(ConceptSet.merge(List.of(left, right)).names()).containsExactly("a1", "Same", "b2", "a3");
    }

    @Test
    void findsConceptsByKey() {
        ConceptSet set = ConceptSet.of("l", List.of("home run", "Stock market"));
        assertThat(set.indexOf("the stock MARKET")).hasValue(1);
        assertThat(set.indexOf("stock")).isEmpty();
        assertThatThrownBy(() -> ConceptSet.of("l", List.of("a", "b", "a")))
                .hasMessage("concept names must be distinct; got \"a\" more than once");
    }

    @Test
    void accountsForEveryLine() {
        qt().withExamples(200)
                .forAll(lists().of(strings().betweenCodePoints(0x20, 0x2fff).ofLengthBetween(0, 4))
                        .ofSizeBetween(1, 12))
                .checkAssert(lines -> {
                    Path list = file("first\n" + String.join("\n", lines));
                    ConceptLedger fresh = new ConceptLedger();
                    List<String> expected =
                            ("first\n" + String.join("\n", lines)).lines().toList();
                    try {
                        ConceptSet set = ConceptSet.read(list, fresh);
                        assertThat(set.size() + fresh.entries().size()).isEqualTo(expected.size());
                        assertThat(set.names().stream().map(Concept::key)).doesNotHaveDuplicates();
                    } catch (InputException e) {
                        assertThat(e).hasMessageContaining("control character");
                    }
                });
    }
}
