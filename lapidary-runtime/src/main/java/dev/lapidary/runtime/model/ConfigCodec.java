package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Writes a model's shape as one flat JSON object and reads it again, for the header of a packed file. Members are named as in
 * {@link ModelConfig}; rotaryScaling is none, linear or llama3, with its numbers beside it.
 */
public final class ConfigCodec {
    private ConfigCodec() {}

    /** Returns the object as JSON text in one line. */
    public static String write(ModelConfig config) {
        StringBuilder json = new StringBuilder("{");
        text(json, "family", config.family().architecture());
        plain(json, "vocabulary", config.vocabulary());
        plain(json, "width", config.width());
        plain(json, "layers", config.layers());
        plain(json, "heads", config.heads());
        plain(json, "keyValueHeads", config.keyValueHeads());
        plain(json, "headWidth", config.headWidth());
        plain(json, "mlpWidth", config.mlpWidth());
        plain(json, "context", config.context());
        plain(json, "normEpsilon", config.normEpsilon());
        text(json, "activation", config.activation().id());
        plain(json, "rotaryBase", config.rotaryBase());
        scaling(json, config.rotaryScaling());
        plain(json, "attentionBias", config.attentionBias());
        plain(json, "mlpBias", config.mlpBias());
        plain(json, "tiedEmbeddings", config.tiedEmbeddings());
        config.beginToken().ifPresent(token -> plain(json, "beginToken", token));
        plain(json, "endTokens", config.endTokens());
        return json.append('}').toString();
    }

    private static void scaling(StringBuilder json, RotaryScaling scaling) {
        switch (scaling) {
            case RotaryScaling.None none -> text(json, "rotaryScaling", "none");
            case RotaryScaling.Linear linear -> {
                text(json, "rotaryScaling", "linear");
                plain(json, "rotaryFactor", linear.factor());
            }
            case RotaryScaling.Llama3 llama -> {
                text(json, "rotaryScaling", "llama3");
                plain(json, "rotaryFactor", llama.factor());
                plain(json, "rotaryLowFrequency", llama.lowFrequency());
                plain(json, "rotaryHighFrequency", llama.highFrequency());
                plain(json, "rotaryOriginalContext", llama.originalContext());
            }
        }
    }

    private static void text(StringBuilder json, String name, String value) {
        plain(json, name, '"' + value + '"');
    }

    /** A number, a truth or a list of whole numbers, all of which print as JSON has them. */
    private static void plain(StringBuilder json, String name, Object value) {
        json.append(json.length() > 1 ? "," : "").append('"').append(name).append("\":");
        json.append(value);
    }

    /**
     * Reads what {@link #write} wrote; members that it does not know are passed over.
     *
     * @param where what is read, with which errors begin
     * @throws InputException in one line where it is malformed, or its sizes do not fit together
     */
    public static ModelConfig read(String where, String json) {
        JsonObject object = JsonTree.object(where, json.getBytes(StandardCharsets.UTF_8));
        try {
            return new ModelConfig(
                    ModelFamily.of(where, object.text("family")),
                    size(object, "vocabulary"),
                    size(object, "width"),
                    size(object, "layers"),
                    size(object, "heads"),
                    size(object, "keyValueHeads"),
                    size(object, "headWidth"),
                    size(object, "mlpWidth"),
                    size(object, "context"),
                    object.number("normEpsilon"),
                    Activation.of(where, object.text("activation")),
                    object.number("rotaryBase"),
                    scaling(where, object),
                    object.truth("attentionBias", false),
                    object.truth("mlpBias", false),
                    object.truth("tiedEmbeddings", false),
                    object.has("beginToken") ? OptionalInt.of(token(object)) : OptionalInt.empty(),
                    ends(where, object));
        } catch (InputException e) {
            throw InputException.in(where, e);
        }
    }

    private static int size(JsonObject object, String name) {
        return object.whole(name, 1, Integer.MAX_VALUE);
    }

    private static int token(JsonObject object) {
        return object.whole("beginToken", 0, Integer.MAX_VALUE);
    }

    private static List<Integer> ends(String where, JsonObject object) {
        return Arrays.stream(object.wholes("endTokens"))
                .mapToObj(token -> {
                    if (token < 0 || token > Integer.MAX_VALUE) {
                        throw new InputException(where + ": endTokens must be token ids; got " + token);
                    }
                    return (int) token;
                })
                .toList();
    }

    private static RotaryScaling scaling(String where, JsonObject object) {
        String kind = object.text("rotaryScaling", "none").toLowerCase(Locale.ROOT);
        return switch (kind) {
            case "none" -> new RotaryScaling.None();
            case "linear" -> new RotaryScaling.Linear(positive(where, object, "rotaryFactor"));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        positive(where, object, "rotaryFactor"),
                        positive(where, object, "rotaryLowFrequency"),
                        positive(where, object, "rotaryHighFrequency"),
                        size(object, "rotaryOriginalContext"));
            default -> throw new InputException(where + ": rotaryScaling must be none, linear or llama3; got " + kind);
        };
    }

    private static double positive(String where, JsonObject object, String name) {
        double value = object.number(name);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new InputException(where + ": " + name + " must be a positive number; got " + value);
        }
        return value;
    }
}
