package dev.lapidary.tokenizer;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.token.ByteLetters;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Prepares the native library that reads tokenizer.json files.
 *
 * <p>Left alone, it reports its use over the network and unpacks itself into the home folder.
 */
public final class TokenizerNatives {
    private static final int DEEPEST = 100; // the library ends the process from 128 on
    private static final int LONGEST_NORMAL = 1 << 28; // letters of a normalized text
    private static final int LONGEST_WORD = 1000; // letters
    private static final int LARGEST = 1 << 28; // letters of one string
    private static final JsonMapper BOUNDED = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(LARGEST)
                            .build())
                    .build())
            .build();

    private TokenizerNatives() {}

    /** Keeps the library off the network and its files in the cache; must run before its first class loads. */
    public static void prepare() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        setDefault("DJL_CACHE_DIR", CacheFolder.sub("djl").toString());
        setDefault("org.slf4j.simpleLogger.log.ai.djl", "error");
    }

    /**
     * Refuses a file that the library must not see: where JSON is nested deeper than it can take, a template names a special token that
     * it does not describe, a map of characters leads out of itself, a pattern can try too many ways, a normalizer makes texts much longer, and in some other cases, the
     * library ends the process.
     *
     * @return how many letters a text may have without ending the process
     * @throws InputException where the library would do so whatever the text, or the file is no JSON
     */
    public static int requireReadable(Path file) {
        int longest = Integer.MAX_VALUE;
        JsonNode model = MissingNode.getInstance();
        boolean bytes = false;
        double growth = 1;
        try (JsonParser parser = BOUNDED.createParser(file)) {
            while (parser.nextToken() != null) { // each step checks the depth
                if (parser.currentToken() == JsonToken.PROPERTY_NAME) {
                    switch (parser.currentName()) {
                        case "normalizer" -> {
                            JsonNode step = next(parser);
                            longest = Math.min(longest, requireSafe(file, step));
                            growth *= TextGrowth.of(file.toString(), step);
                        }
                        case "post_processor" -> requireTemplates(file, next(parser));
                        case "pre_tokenizer", "decoder" -> {
                            boolean splits = parser.currentName().equals("pre_tokenizer") && isTop(parser);
                            JsonNode step = next(parser);
                            longest = Math.min(longest, requireSafe(file, step));
                            bytes = splits ? endsInBytes(step) : bytes; // the last one counts where there are several
                        }
                        case "model" -> {
                            if (isTop(parser)) { // else a word of the vocabulary
                                model = next(parser);
                            }
                        }
                        default -> {
                            // the library reads it safely
                        }
                    }
                }
            }
        } catch (StreamConstraintsException e) {
            throw new InputException(file + ": must be nested at most " + DEEPEST + " deep; got more", e);
        } catch (JacksonIOException e) {
            throw new UncheckedIOException(file + " cannot be read", e.getCause());
        } catch (JacksonException e) {
            throw new InputException(
                    file + ": must be JSON; got "
                            + e.getOriginalMessage().lines().findFirst().orElse("something else"),
                    e);
        }
        requireLongerThan(file, model);
        if (model.path("max_input_chars_per_word").asDouble(0) > LONGEST_WORD) {
            throw new InputException(file + ": max_input_chars_per_word must be at most " + LONGEST_WORD + "; got "
                    + model.path("max_input_chars_per_word"));
        }
        if (!model.isMissingNode()) {
            requireUnknown(file, model, bytes);
        }
        return (int) (Math.min(longest, LONGEST_NORMAL) / growth);
    }

    private static boolean isTop(JsonParser parser) {
        return parser.streamReadContext().getNestingDepth() == 1;
    }

    private static JsonNode next(JsonParser parser) {
        parser.nextToken();
        return parser.readValueAsTree();
    }

    /** Looks at every step, in sequences too; returns how long a text may be. */
    private static int requireSafe(Path file, JsonNode step) {
        JsonNode stop = step.path("stop");
        if (step.has("content")
                && !stop.isMissingNode()
                && stop.decimalValue(BigDecimal.ONE).compareTo(BigDecimal.ZERO) != 0) {
            throw new InputException(file + ": a decoder that strips must have stop 0; got " + stop);
        }
        if (step.path("length").isNumber() && step.path("length").asDouble() < 1) {
            throw new InputException(file + ": a fixed length must be at least 1; got " + step.path("length"));
        }
        if (step.path("precompiled_charsmap").isString()) {
            requireSoundMap(file, step.path("precompiled_charsmap"));
        }
        int longest = longestText(file, step.path("Regex"));
        double growth = 1;
        for (JsonNode inner : step) {
            longest = (int) Math.min(longest, requireSafe(file, inner) / growth);
            growth *= inner.path("type").asString("").equals("ByteLevel") ? TextGrowth.BYTES : 1;
        }
        return longest;
    }

    private static int longestText(Path file, JsonNode pattern) {
        return pattern.isString()
                ? SafePattern.bounds(file.toString(), pattern.stringValue()).longestText()
                : Integer.MAX_VALUE;
    }

    /** The library ends the process at an unknown token where the vocabulary has none to stand for it. */
    private static void requireUnknown(Path file, JsonNode model, boolean bytes) {
        JsonNode vocabulary = model.path("vocab");
        if (vocabulary.isArray()) {
            JsonNode unknown = model.path("unk_id");
            if (!unknown.isIntegralNumber()) {
                throw new InputException(
                        file + ": unk_id must name the token of what the vocabulary lacks; got " + unknown);
            }
            return;
        }
        JsonNode unknown = model.path("unk_token");
        boolean words = vocabulary.isObject() && !model.has("merges"); // WordPiece and WordLevel, which must have one
        boolean known = unknown.isString() && vocabulary.has(unknown.stringValue());
        if (!known && (words || unknown.isString() && !knowsEverything(model, bytes))) {
            throw new InputException(file + ": unk_token must be in the vocabulary; got " + unknown);
        }
    }

    /** Whether a vocabulary with merges has a token for each byte, so that nothing is unknown to it. */
    private static boolean knowsEverything(JsonNode model, boolean bytes) {
        JsonNode vocabulary = model.path("vocab");
        IntStream values = IntStream.range(0, 256);
        return bytes
                        && model.path("end_of_word_suffix").asString("").isEmpty()
                        && model.path("continuing_subword_prefix").asString("").isEmpty()
                ? values.allMatch(value -> vocabulary.has(Character.toString(ByteLetters.letter(value))))
                : model.path("byte_fallback").asBoolean(false)
                        && values.allMatch(value -> vocabulary.has("<0x%02X>".formatted(value)));
    }

    /** Whether the last thing that is done to a text before the model sees it is to write it as the letters of its bytes. */
    private static boolean endsInBytes(JsonNode step) {
        JsonNode steps = step.path("pretokenizers");
        return steps.isArray() && !steps.isEmpty()
                ? endsInBytes(steps.path(steps.size() - 1))
                : step.path("type").asString("").equals("ByteLevel");
    }

    /** The library cuts the prefix of pieces from the right side of each merge, as many bytes as it has letters. */
    private static void requireLongerThan(Path file, JsonNode model) {
        JsonNode node = model.path("continuing_subword_prefix");
        String prefix = node.isString() ? node.stringValue() : "";
        if (prefix.isEmpty()) {
            return;
        }
        boolean plain = prefix.chars().allMatch(letter -> letter < 0x80);
        for (JsonNode merge : model.path("merges")) {
            String right = merge.isArray()
                    ? merge.path(1).asString("")
                    : merge.asString("").substring(merge.asString("").indexOf(' ') + 1);
            if (!plain || !right.startsWith(prefix)) {
                throw new InputException(
                        file + ": the right side of a merge must begin with continuing_subword_prefix, of ASCII"
                                + " letters; got '" + right + "'");
            }
        }
    }

    private static void requireSoundMap(Path file, JsonNode map) {
        if (map.isString() && !CharacterMap.isSound(map.stringValue())) {
            throw new InputException(
                    file + ": precompiled_charsmap must be whole and lead to characters of its own text; got one"
                            + " that does not");
        }
    }

    /** Looks at every template, in a sequence of processors too. */
    private static void requireTemplates(Path file, JsonNode processor) {
        for (String form : List.of("single", "pair")) {
            for (JsonNode piece : processor.path(form)) {
                JsonNode id = piece.path("SpecialToken").path("id");
                if (id.isString()) {
                    requireSpecial(file, id.stringValue(), processor.path("special_tokens"));
                }
            }
        }
        for (JsonNode inner : processor) {
            requireTemplates(file, inner);
        }
    }

    private static void requireSpecial(Path file, String id, JsonNode described) {
        JsonNode token = described.path(id);
        if (token.isMissingNode()) {
            throw new InputException(
                    file + ": special tokens of a template must be described; got none for '" + id + "'");
        }
        if (token.path("ids").size() != token.path("tokens").size()) {
            throw new InputException(file + ": a special token of a template must have as many ids as tokens; got "
                    + token.path("ids").size() + " ids and "
                    + token.path("tokens").size() + " tokens for '"
                    + id + "'");
        }
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null && System.getenv(key) == null) {
            System.setProperty(key, value);
        }
    }
}
