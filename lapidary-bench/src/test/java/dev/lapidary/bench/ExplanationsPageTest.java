package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.bench.ExplanationsEvidence.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ExplanationsPageTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private static JsonNode evidence() throws IOException {
        return JsonMapper.shared().readTree(Files.readString(HOME.resolve(ExplanationsEvidence.FILE)));
    }

    private String page(JsonNode evidence) throws IOException {
        Path file = folder.resolve(ExplanationsEvidence.FILE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, evidence.toString());
        return ExplanationsPage.page(folder);
    }

    @Test
    void hasFiveMessagesThreeTextsOutsideOneForeignAndOneEmpty() throws IOException {
        List<Kind> kinds = StreamSupport.stream(evidence().path("texts").spliterator(), false)
                .map(text -> Kind.valueOf(text.path("kind").stringValue()))
                .toList();
        assertThat(kinds)
                .containsExactly(
                        Kind.PLAIN,
                        Kind.NEGATED,
                        Kind.PLAIN,
                        Kind.BETWEEN,
                        Kind.BETWEEN,
                        Kind.OUTSIDE,
                        Kind.OUTSIDE,
                        Kind.OUTSIDE,
                        Kind.FOREIGN,
                        Kind.EMPTY);
    }

    @Test
    void everyTextHasItsSentenceAndTheKeyStandsOnce() throws IOException {
        String page = ExplanationsPage.page(HOME);
        assertThat(page.split("\\*\\*How to read it.\\*\\*", -1)).hasSize(11);
        assertThat(page.split("\nscore: ", -1)).hasSize(2);
        assertThat(page).doesNotContain("\nfrom seed ", "\ninput: ");
    }

    @Test
    void sentencesFollowTheFigures() throws IOException {
        JsonNode evidence = evidence();
        String before = page(evidence);
        assertThat(before).contains("is found all the same (score +").doesNotContain("is **not** marked as far");

        JsonNode texts = evidence.path("texts");
        ((ObjectNode) texts.get(5).path("explanation").path("familiarity"))
                .put("far", false)
                .put("distance", 0.5);
        String concept = before.replaceAll("(?s).*The text denies what the first one says. \"([^\"]*)\".*", "$1");
        for (JsonNode part :
                texts.get(1).path("explanation").path("classes").get(0).path("contributions")) {
            if (part.path("concept").stringValue().equals(concept)) {
                ((ObjectNode) part).put("score", -0.25);
            }
        }
        assertThat(page(evidence))
                .contains("\"" + concept + "\" is not found (score -0.25;", "Here the encoder saw the negation")
                .contains("It is **not** marked as far (distance 0.500, limit 0.", "of the 5 other texts 4.");
    }
}
