package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** Reads the ids of the tokens that begin and end a text, as the JSON files of a model folder name them. */
final class TokenIds {
    private TokenIds() {}

    /**
     * Returns bos_token_id, which may be missing or null.
     *
     * @param where the file, with which errors begin
     * @param vocabulary how many ids there are
     * @throws InputException where it is something else than an id
     */
    static OptionalInt begin(String where, JsonNode json, int vocabulary) {
        String key = "bos_token_id";
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return OptionalInt.empty();
        }
        if (!isId(node, vocabulary)) {
            throw new InputException(where + ": " + key + " must be " + id(vocabulary) + "; got " + node);
        }
        return OptionalInt.of(node.intValue());
    }

    /**
     * Returns eos_token_id, which may be missing, null, an id or a list of ids.
     *
     * @param where the file, with which errors begin
     * @param vocabulary how many ids there are
     * @throws InputException where it is something else
     */
    static List<Integer> ends(String where, JsonNode json, int vocabulary) {
        String key = "eos_token_id";
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        List<Integer> ids = new ArrayList<>();
        for (JsonNode one : node.isArray() ? node : List.of(node)) {
            if (!isId(one, vocabulary)) {
                throw new InputException(
                        where + ": " + key + " must be " + id(vocabulary) + " or a list of such; got " + one);
            }
            ids.add(one.intValue());
        }
        return ids;
    }

    private static boolean isId(JsonNode node, int vocabulary) {
        return node.isIntegralNumber()
                && node.canConvertToInt()
                && node.intValue() >= 0
                && node.intValue() < vocabulary;
    }

    private static String id(int vocabulary) {
        return "a token's id, a whole number from 0 to " + (vocabulary - 1);
    }
}
