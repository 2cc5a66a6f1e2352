package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Finds the id of the token that fills texts up: for CLIP the tokenizer's own, for SigLIP that of config.json. */
record PadToken(ClipFolder folder) {
    private static final long SIGLIP = 1; // what its configuration has where the file is silent

    long id() {
        if (folder.kind() == ClipKind.SIGLIP) {
            return configured().orElse(SIGLIP);
        }
        return named("special_tokens_map.json")
                .or(() -> named("tokenizer_config.json"))
                .flatMap(this::lookUp)
                .or(this::configured)
                .orElseThrow(() -> new InputException(folder.files().folder()
                        + ": a model of texts of one length must name a pad_token in special_tokens_map.json,"
                        + " tokenizer_config.json or config.json; got none"));
    }

    private Optional<Long> configured() {
        JsonNode config = folder.config();
        return whole(config.path("text_config").path("pad_token_id")).or(() -> whole(config.path("pad_token_id")));
    }

    private static Optional<Long> whole(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt() && node.asInt() >= 0
                ? Optional.of(node.asLong())
                : Optional.empty();
    }

    /** The text of the token, given as it is or as content of an object. */
    private Optional<String> named(String file) {
        JsonNode token =
                folder.files().read(file).map(root -> root.path("pad_token")).orElse(null);
        if (token == null) {
            return Optional.empty();
        }
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isString() ? Optional.of(text.asString()) : Optional.empty();
    }

    private Optional<Long> lookUp(String token) {
        JsonNode tokenizer = folder.files().read("tokenizer.json").orElseThrow();
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("content").asString("").equals(token)) {
                return whole(added.path("id"));
            }
        }
        return whole(tokenizer.path("model").path("vocab").path(token));
    }
}
