package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** How a model folder says that a conversation becomes one text: {@code chat_template.jinja}, else {@code tokenizer_config.json}. */
public final class ChatTemplate {
    private static final String FILE = "chat_template.jinja";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String KEY = "chat_template";
    private static final long LARGEST = 4L << 20; // bytes

    private ChatTemplate() {}

    /**
     * Returns the template, of several the one that is named default.
     *
     * @throws InputException where there is one in a form that is not known
     */
    public static Optional<String> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            if (Files.size(file) > LARGEST) {
                throw new InputException(file + ": must be at most " + LARGEST + " bytes; got " + Files.size(file));
            }
            try {
                return Optional.of(Files.readString(file));
            } catch (CharacterCodingException e) {
                throw new InputException(file + ": must be UTF-8; got other bytes", e);
            }
        }
        Path config = folder.resolve(CONFIG);
        return Files.isRegularFile(config)
                ? template(config, ConfigJson.object(config).path(KEY))
                : Optional.empty();
    }

    private static Optional<String> template(Path config, JsonNode told) {
        if (told.isMissingNode() || told.isNull()) {
            return Optional.empty();
        }
        if (told.isString()) {
            return Optional.of(told.asString());
        }
        for (JsonNode one : told) {
            if (one.path("name").asString("").equals("default")
                    && one.path("template").isString()) {
                return Optional.of(one.path("template").asString());
            }
        }
        throw new InputException(config + ": " + KEY + " must be a text or a list with one that is named default; got "
                + told.getNodeType());
    }
}
