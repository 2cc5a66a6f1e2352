package dev.lapidary.synthetic.scene;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a scene folder's lapidary.json holds.
 *
 * @param format always {@link SceneFolder#FORMAT}
 * @param version always {@link #VERSION}; whatever changes a picture or a concept raises it
 * @param count scenes
 * @param seed what draws them
 * @param side pixels of a side
 * @param objects how many objects a scene has, as {@link ObjectCount} writes it
 */
record SceneManifest(String format, int version, int count, long seed, int side, String objects) {
    static final int VERSION = 1;

    private static final long MOST_BYTES = 1 << 16;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** What says whether the rest can be read; a later version may hold more. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Header(String format, int version) {}

    static SceneManifest of(SceneSettings settings) {
        return new SceneManifest(
                SceneFolder.FORMAT,
                VERSION,
                settings.count(),
                settings.seed(),
                settings.side(),
                settings.objects().toString());
    }

    String toJson() {
        return MAPPER.writeValueAsString(this) + "\n";
    }

    static SceneManifest read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new InputException(file + ": must have at most " + MOST_BYTES + " bytes; got " + Files.size(file));
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            Header header = MAPPER.readerFor(Header.class)
                    .without(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .readValue(bytes);
            if (header == null || !SceneFolder.FORMAT.equals(header.format()) || header.version() != VERSION) {
                throw new InputException(file + ": format must be " + SceneFolder.FORMAT + " version " + VERSION
                        + "; got " + (header == null ? "null" : header.format() + " version " + header.version()));
            }
            return MAPPER.readValue(bytes, SceneManifest.class);
        } catch (JacksonException malformed) {
            throw new InputException(
                    file + ": must be the JSON of a scene folder; got: " + malformed.getOriginalMessage(), malformed);
        }
    }

    /** Says the settings, for messages. */
    String describe() {
        return "count " + count + ", seed " + seed + ", side " + side + ", objects " + objects;
    }
}
