package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a model folder says about its tokens.
 *
 * <p>No {@link dev.lapidary.runtime.settings.Settings}: these are facts that files state, not options that somebody sets.
 *
 * @param vocabulary the largest id and one
 * @param ordinary the largest id that is not only an added token's, and one
 * @param bos the id that begins a text: tokenizer_config.json's bos_token, else, where that file does not name one, config.json's
 *     bos_token_id
 * @param addsBos whether bos stands before a text, where tokenizer_config.json says so, by {@code add_bos_token} or by a class that
 *     has a default; its word is above that of tokenizer.json's template, as in the transformers library
 * @param ends the ids that end a text: those of generation_config.json, else of config.json, else tokenizer_config.json's eos_token
 * @param cuttable whether {@link TextPieces} holds
 */
record TokenizerSettings(
        int vocabulary,
        int ordinary,
        OptionalInt bos,
        Optional<Boolean> addsBos,
        SequencedSet<Integer> ends,
        boolean cuttable) {
    private static final String WORDS = "tokenizer_config.json";
    private static final Set<String> BEGINNING = Set.of("LlamaTokenizer", "LlamaTokenizerFast");

    private static final long LARGEST_FILE = 1L << 28; // bytes; the largest vocabularies take 30 MB
    private static final String GENERATION = "generation_config.json";
    private static final int LARGEST_ID = 1 << 24;

    static TokenizerSettings read(Path folder, Path tokenizerJson) {
        JsonNode tokenizer = json(tokenizerJson);
        Map<String, Integer> added = added(tokenizerJson, tokenizer);
        JsonNode vocab = tokenizer.path("model").path("vocab");
        int ordinary = vocab.isArray() ? vocab.size() - 1 : -1; // an array has no ids
        for (JsonNode id : vocab.isObject() ? vocab : List.<JsonNode>of()) {
            ordinary = Math.max(ordinary, id(tokenizerJson, id));
        }
        int largest = added.values().stream().mapToInt(Integer::intValue).reduce(ordinary, Math::max);
        if (ordinary < 0) {
            throw new InputException(tokenizerJson + ": must have tokens in model.vocab; got none");
        }
        JsonNode words = optional(folder, WORDS);
        JsonNode config = optional(folder, ConfigJson.FILE);
        OptionalInt bos = bos(folder, words, config, added, vocab, largest);
        return new TokenizerSettings(
                largest + 1,
                ordinary + 1,
                bos,
                addsBos(folder, words, bos),
                ends(folder, words, config, added, vocab, largest),
                cuttable(tokenizer));
    }

    private static Map<String, Integer> added(Path file, JsonNode tokenizer) {
        Map<String, Integer> added = new HashMap<>();
        for (JsonNode token : tokenizer.path("added_tokens")) {
            added.put(token.path("content").asString(""), id(file, token.path("id")));
        }
        return added;
    }

    private static int id(Path file, JsonNode node) {
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < 0
                || node.intValue() > LARGEST_ID) {
            throw new InputException(
                    file + ": a token's id must be a whole number from 0 to " + LARGEST_ID + "; got " + node);
        }
        return node.intValue();
    }

    private static Optional<Boolean> addsBos(Path folder, JsonNode words, OptionalInt bos) {
        JsonNode adds = words.path("add_bos_token");
        if (adds.isMissingNode() || adds.isNull()) {
            boolean begins = BEGINNING.contains(words.path("tokenizer_class").asString("")) && bos.isPresent();
            return begins ? Optional.of(true) : Optional.empty();
        }
        if (!adds.isBoolean()) {
            throw new InputException(
                    where(folder, WORDS) + ": add_bos_token must be true or false; got " + adds.getNodeType());
        }
        if (adds.booleanValue() && bos.isEmpty()) {
            throw new InputException(where(folder, WORDS)
                    + ": add_bos_token must come with a bos_token that the tokenizer has; got none");
        }
        return Optional.of(adds.booleanValue());
    }

    private static OptionalInt bos(
            Path folder, JsonNode words, JsonNode config, Map<String, Integer> added, JsonNode vocab, int largest) {
        if (words.has("bos_token")) {
            return token(words.path("bos_token"), added, vocab);
        }
        OptionalInt id = TokenIds.begin(where(folder, ConfigJson.FILE), config, rows(config, largest));
        return id.orElse(0) <= largest ? id : OptionalInt.empty();
    }

    private static SequencedSet<Integer> ends(
            Path folder, JsonNode words, JsonNode config, Map<String, Integer> added, JsonNode vocab, int largest) {
        int rows = rows(config, largest);
        SequencedSet<Integer> ends = ends(folder, GENERATION, optional(folder, GENERATION), rows, largest);
        if (ends.isEmpty()) {
            ends = ends(folder, ConfigJson.FILE, config, rows, largest);
        }
        if (ends.isEmpty()) {
            SequencedSet<Integer> named = new LinkedHashSet<>();
            token(words.path("eos_token"), added, vocab).ifPresent(named::add);
            return named;
        }
        return ends;
    }

    /** The ids of one file; those that the model has a row for but no token has are left out. */
    private static SequencedSet<Integer> ends(Path folder, String file, JsonNode json, int rows, int largest) {
        SequencedSet<Integer> ids = new LinkedHashSet<>(TokenIds.ends(where(folder, file), json, rows));
        ids.removeIf(id -> id > largest);
        return ids;
    }

    /** How many ids may be named: those of tokens, and the rows of the model where it says that it has more. */
    private static int rows(JsonNode config, int largest) {
        JsonNode rows = config.path("vocab_size");
        return rows.canConvertToInt() ? Math.max(rows.intValue(), largest + 1) : largest + 1;
    }

    private static String where(Path folder, String file) {
        return folder.resolve(file).toString();
    }

    /** The id of a token given as a text or as an object with its content. */
    private static OptionalInt token(JsonNode node, Map<String, Integer> added, JsonNode vocab) {
        String content = node.isObject() ? node.path("content").asString("") : node.asString("");
        Integer id = added.get(content);
        if (id != null) {
            return OptionalInt.of(id);
        }
        JsonNode known = vocab.path(content);
        return known.isIntegralNumber() && known.canConvertToInt()
                ? OptionalInt.of(known.intValue())
                : OptionalInt.empty();
    }

    private static boolean cuttable(JsonNode tokenizer) {
        JsonNode words = tokenizer.path("pre_tokenizer");
        JsonNode normalizer = tokenizer.path("normalizer");
        boolean gpt2 = words.path("type").asString("").equals("ByteLevel")
                && !words.path("add_prefix_space").asBoolean(true)
                && words.path("use_regex").asBoolean(true);
        boolean verbatim = normalizer.isMissingNode() || normalizer.isNull();
        boolean simple = tokenizer.path("model").path("type").asString("").equals("BPE")
                && tokenizer.path("model").path("dropout").asDouble(0) == 0;
        for (JsonNode token : tokenizer.path("added_tokens")) {
            simple &= !token.path("lstrip").asBoolean(true)
                    && !token.path("rstrip").asBoolean(true)
                    && !token.path("single_word").asBoolean(true)
                    && token.path("content").asString("\n").indexOf('\n') < 0;
        }
        return gpt2 && verbatim && simple;
    }

    private static JsonNode optional(Path folder, String name) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) ? json(file) : JsonMapper.shared().createObjectNode();
    }

    private static JsonNode json(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new InputException(
                        file + ": must be at most " + LARGEST_FILE + " bytes; got " + Files.size(file));
            }
            JsonNode root = JsonMapper.shared().readTree(Files.readAllBytes(file));
            if (!root.isObject()) {
                throw new InputException(file + ": must be a JSON object; got " + root.getNodeType());
            }
            return root;
        } catch (JacksonException e) {
            throw new InputException(file + ": must be JSON; got " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
