package dev.lapidary.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerNativesTest {
    @TempDir
    private Path folder;

    @Test
    void templatesMayOnlyNameSpecialTokensThatTheyDescribe() throws IOException {
        String described = "\"[S]\": {\"id\": \"[S]\", \"ids\": [0], \"tokens\": [\"[S]\"]}";
        TokenizerNatives.requireReadable(file(template(described)));

        for (String bad : new String[] {template(""), "{\"processors\": [" + template("") + "]}"}) {
            Path file = file(bad);
            assertThatThrownBy(() -> TokenizerNatives.requireReadable(file))
                    .isInstanceOf(InputException.class)
                    .hasMessage(file + ": special tokens of a template must be described; got none for '[S]'");
        }
        Path fewer = file(template(described.replace("[0]", "[]")));
        assertThatThrownBy(() -> TokenizerNatives.requireReadable(fewer))
                .isInstanceOf(InputException.class)
                .hasMessage(fewer + ": a special token of a template must have as many ids as tokens;"
                        + " got 0 ids and 1 tokens for '[S]'");
    }

    private static String template(String described) {
        return "{\"single\": [{\"SpecialToken\": {\"id\": \"[S]\", \"type_id\": 0}}], \"special_tokens\": {" + described
                + "}}";
    }

    private Path file(String processor) throws IOException {
        return Files.writeString(folder.resolve("tokenizer.json"), "{\"post_processor\": " + processor + "}");
    }
}
