package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {
    @TempDir
    private Path folder;

    private void config(String template) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": " + template + "}");
    }

    @Test
    void theFileGoesBeforeTheConfig() throws IOException {
        assertThat(ChatTemplate.read(folder)).isEmpty();
        config("null");
        assertThat(ChatTemplate.read(folder)).isEmpty();
        config("\"{{ a }}\"");
        assertThat(ChatTemplate.read(folder)).hasValue("{{ a }}");
        config("[{\"name\": \"tool_use\", \"template\": \"b\"}, {\"name\": \"default\", \"template\": \"c\"}]");
        assertThat(ChatTemplate.read(folder)).hasValue("c");
        Files.writeString(folder.resolve("chat_template.jinja"), "d\n");
        assertThat(ChatTemplate.read(folder)).hasValue("d\n");
    }

    @Test
    void anotherFormIsRefused() throws IOException {
        for (String form : new String[] {"7", "{}", "[{\"name\": \"tool_use\", \"template\": \"b\"}]"}) {
            config(form);
            assertThatThrownBy(() -> ChatTemplate.read(folder))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("chat_template must be a text or a list with one that is named default");
        }
    }
}
