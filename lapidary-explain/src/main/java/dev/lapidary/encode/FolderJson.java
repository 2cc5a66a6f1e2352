package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings of an exported encoder: the JSON files of its folder, any of which may be missing. */
record FolderJson(Path folder) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long LARGEST_FILE = 1 << 28; // bytes; the largest tokenizers take 40 MB

    /** Reads a file, or nothing where it is missing. */
    Optional<JsonNode> read(String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new InputException(
                        file + ": must have at most " + LARGEST_FILE + " bytes; got " + Files.size(file));
            }
            return Optional.of(JSON.readTree(Files.readAllBytes(file)));
        } catch (JacksonException e) {
            throw new InputException(file + ": must be JSON; got " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** A field of a file, where it is a number from 1 to the largest. */
    OptionalInt number(String file, String field, int largest) {
        return read(file).map(root -> number(root.path(field), largest)).orElse(OptionalInt.empty());
    }

    /** A value that is a number from 1 to the largest. */
    static OptionalInt number(JsonNode node, int largest) {
        if (!node.isNumber()) {
            return OptionalInt.empty();
        }
        double value = node.asDouble();
        return value >= 1 && value <= largest ? OptionalInt.of((int) value) : OptionalInt.empty();
    }
}
