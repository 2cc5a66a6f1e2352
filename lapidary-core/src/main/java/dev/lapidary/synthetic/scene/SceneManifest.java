package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import dev.lapidary.runtime.settings.Components;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a scene folder's lapidary.json holds: the format, its version, which rises whenever a picture or a concept changes, and the
 * settings.
 */
record SceneManifest(SceneSettings settings) {
    private static final long VERSION = 1;
    private static final long MOST_BYTES = 1 << 16;
    private static final String FORMAT_KEY = "format";
    private static final String VERSION_KEY = "version";
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    String toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(FORMAT_KEY, SceneFolder.FORMAT);
        json.put(VERSION_KEY, VERSION);
        json.putAll(Components.json(settings));
        return MAPPER.writeValueAsString(json) + "\n";
    }

    static SceneManifest read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new InputException(file + ": must have at most " + MOST_BYTES + " bytes; got " + Files.size(file));
        }
        JsonObject json = JsonTree.object(file.toString(), Files.readAllBytes(file));
        String format = json.text(FORMAT_KEY, "none");
        long version = json.whole(VERSION_KEY, 0);
        if (!format.equals(SceneFolder.FORMAT) || version != VERSION) {
            throw new InputException(file + ": format must be " + SceneFolder.FORMAT + " version " + VERSION + "; got "
                    + format + " version " + version);
        }
        SequencedMap<String, JsonTree> members = new LinkedHashMap<>(json.members());
        members.remove(FORMAT_KEY);
        members.remove(VERSION_KEY);
        return new SceneManifest(Components.read(new JsonObject(json.where(), members), SceneSettings.class));
    }

    /** Says the settings, for messages. */
    String describe() {
        return Components.json(settings).entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
