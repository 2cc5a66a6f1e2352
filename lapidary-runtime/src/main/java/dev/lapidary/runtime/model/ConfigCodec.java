package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Writes a model's shape as one flat JSON object and reads it again, for the header of a packed file. Members are named as in
 * {@link ModelConfig}; rotaryScaling is none, linear, llama3 or divided, with its numbers beside it.
 */
public final class ConfigCodec {
    private static final Set<String> KNOWN = Set.of(
            "family",
            "vocabulary",
            "width",
            "layers",
            "heads",
            "keyValueHeads",
            "headWidth",
            "mlpWidth",
            "context",
            "trainedContext",
            "normEpsilon",
            "activation",
            "rotaryBase",
            "rotaryScaling",
            "rotaryFactor",
            "rotaryLowFrequency",
            "rotaryHighFrequency",
            "rotaryOriginalContext",
            "rotaryDivisors",
            "attentionBias",
            "outputBias",
            "mlpBias",
            "tiedEmbeddings",
            "beginToken",
            "endTokens");

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
        if (config.trainedContext() != config.context()) {
            plain(json, "trainedContext", config.trainedContext());
        }
        plain(json, "normEpsilon", config.normEpsilon());
        text(json, "activation", config.activation().id());
        plain(json, "rotaryBase", config.rotaryBase());
        scaling(json, config.rotaryScaling());
        plain(json, "attentionBias", config.attentionBias());
        if (config.outputBias() != outputBias(config.family(), config.attentionBias())) {
            plain(json, "outputBias", config.outputBias());
        }
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
            case RotaryScaling.Divided divided -> {
                text(json, "rotaryScaling", "divided");
                plain(json, "rotaryDivisors", divided.divisors());
            }
        }
    }

    /** Whether the output of attention has a bias where nothing says so. */
    private static boolean outputBias(ModelFamily family, boolean attentionBias) {
        return attentionBias && family != ModelFamily.QWEN2;
    }

    private static void text(StringBuilder json, String name, String value) {
        plain(json, name, '"' + value + '"');
    }

    /** A number, a truth or a list of numbers, all of which print as JSON has them. */
    private static void plain(StringBuilder json, String name, Object value) {
        json.append(json.length() > 1 ? "," : "").append('"').append(name).append("\":");
        json.append(value);
    }

    /**
     * Reads what {@link #write} wrote; a member that it does not know is refused, since it could change what is calculated.
     *
     * @param where what is read, with which errors begin
     * @throws InputException in one line where it is malformed, or its sizes do not fit together
     */
    public static ModelConfig read(String where, String json) {
        JsonObject object = JsonTree.object(where, json.getBytes(StandardCharsets.UTF_8));
        requireKnown(where, object);
        ModelFamily family = ModelFamily.of(where, object.text("family"));
        boolean attentionBias = object.truth("attentionBias", false);
        try {
            return new ModelConfig(
                    family,
                    size(object, "vocabulary"),
                    size(object, "width"),
                    size(object, "layers"),
                    size(object, "heads"),
                    size(object, "keyValueHeads"),
                    size(object, "headWidth"),
                    size(object, "mlpWidth"),
                    size(object, "context"),
                    object.has("trainedContext") ? size(object, "trainedContext") : size(object, "context"),
                    object.number("normEpsilon"),
                    Activation.of(where, object.text("activation")),
                    object.number("rotaryBase"),
                    scaling(where, object),
                    attentionBias,
                    object.truth("outputBias", outputBias(family, attentionBias)),
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
            case "divided" -> new RotaryScaling.Divided(divisors(where, object));
            default ->
                throw new InputException(
                        where + ": rotaryScaling must be none, linear, llama3 or divided; got " + kind);
        };
    }

    private static List<Double> divisors(String where, JsonObject object) {
        List<Double> divisors = new ArrayList<>();
        for (JsonTree item : object.items("rotaryDivisors")) {
            divisors.add(
                    switch (item) {
                        case JsonTree.Whole(long value) -> (double) value;
                        case JsonTree.Fraction(double value) -> value;
                        default ->
                            throw new InputException(
                                    where + ": rotaryDivisors must hold numbers; got " + item.kind());
                    });
        }
        return divisors;
    }

    private static void requireKnown(String where, JsonObject object) {
        for (String member : object.members().keySet()) {
            if (!KNOWN.contains(member)) {
                throw new InputException(where + ": must have no member that this version does not know; got " + member);
            }
        }
    }

    private static double positive(String where, JsonObject object, String name) {
        double value = object.number(name);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new InputException(where + ": " + name + " must be a positive number; got " + value);
        }
        return value;
    }
}
