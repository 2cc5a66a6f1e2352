package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufKind;
import dev.lapidary.runtime.gguf.GgufValue;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes a tokenizer as the metadata of a GGUF file, where llama.cpp has a name for what it does. */
public final class GgufVocabulary {
    private static final String WHERE = "tokenizer.json";
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int UNUSED = 5;

    private final JsonObject root;
    private final JsonObject model;
    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();
    private final SequencedMap<String, GgufValue> out = new LinkedHashMap<>();

    private GgufVocabulary(JsonObject root, Tokenizer tokenizer, int rows) {
        this.root = root;
        this.model = root.object("model");
        readTokens(tokenizer, rows);
    }

    /**
     * Returns the metadata of a tokenizer.
     *
     * @param rows of the model's embedding; ids that no token has become tokens that no text has
     * @throws InputException that names what llama.cpp cannot do
     */
    public static SequencedMap<String, GgufValue> of(Tokenizer tokenizer, int rows) {
        JsonObject root = JsonTree.object(WHERE, tokenizer.toJson());
        GgufVocabulary vocabulary = new GgufVocabulary(root, tokenizer, rows);
        vocabulary.describe();
        SequencedMap<String, GgufValue> out = vocabulary.out;
        int[] before = tokenizer.encode("");
        if (before.length > 1 || before.length == 1 && before[0] != tokenizer.bos().orElse(-1)) {
            throw new InputException(WHERE + ": the begin token alone must stand before a text in a GGUF file; got tokens "
                    + Arrays.toString(before));
        }
        tokenizer.bos().ifPresent(id -> out.put(PREFIX + "bos_token_id", GgufValue.size(id)));
        tokenizer.eos().ifPresent(id -> out.put(PREFIX + "eos_token_id", GgufValue.size(id)));
        out.put(PREFIX + "add_bos_token", new GgufValue.Truth(tokenizer.addsBos()));
        out.put(PREFIX + "add_eos_token", new GgufValue.Truth(false));
        return out;
    }

    private void readTokens(Tokenizer tokenizer, int rows) {
        if (tokenizer.vocabulary() > rows) {
            throw new InputException("tokens must have rows in the model's embedding; got " + tokenizer.vocabulary()
                    + " tokens and " + rows + " rows");
        }
        for (int i = 0; i < rows; i++) {
            tokens.add("[PAD" + i + "]");
            types.add(UNUSED);
        }
        JsonObject vocab = model.object("vocab");
        String unknown = model.text("unk_token", "");
        for (String token : vocab.members().keySet()) {
            boolean octet = token.matches("<0x[0-9A-F]{2}>") && model.truth("byte_fallback", false);
            int type =
                    octet ? GgufTokenizer.BYTE : token.equals(unknown) ? GgufTokenizer.UNKNOWN : GgufTokenizer.NORMAL;
            tokens.set((int) vocab.whole(token), token);
            types.set((int) vocab.whole(token), type);
        }
        for (JsonObject added : root.objects("added_tokens")) {
            String content = added.text("content");
            int id = (int) (vocab.has(content) ? vocab.whole(content) : added.whole("id"));
            tokens.set(id, content);
            if (types.get(id) != GgufTokenizer.UNKNOWN) {
                types.set(id, added.truth("special", false) ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED);
            }
        }
    }

    private record Merge(String left, String right, int rank) {}

    private void describe() {
        WordSplitter splitter = new TokenizerSteps(root).splitter();
        List<JsonTree> listed = model.items("merges");
        int[] ranks = TokenizerReader.ranks(model, listed);
        List<Merge> merges = new ArrayList<>();
        for (int i = 0; i < ranks.length; i++) {
            if (ranks[i] >= 0) {
                String[] sides = TokenizerReader.sides(ranks[i], listed.get(i));
                merges.add(new Merge(sides[0], sides[1], ranks[i]));
            }
        }
        boolean bytes = TokenizerSteps.endsInBytes(splitter);
        out.put(PREFIX + "model", new GgufValue.Text(bytes ? "gpt2" : "llama"));
        out.put(PREFIX + "pre", new GgufValue.Text(bytes ? words(splitter) : "default"));
        out.put(PREFIX + "tokens", GgufValue.texts(tokens));
        if (bytes) {
            out.put(PREFIX + "token_type", GgufValue.integers(types));
            out.put(
                    PREFIX + "merges",
                    GgufValue.texts(merges.stream().map(m -> m.left + " " + m.right).toList()));
        } else {
            scored(splitter, merges);
        }
    }

    private static String words(WordSplitter splitter) {
        WordSplitter.ByteLevel plain = new WordSplitter.ByteLevel(false, true);
        WordSplitter.ByteLevel whole = new WordSplitter.ByteLevel(false, false);
        for (GgufWords words : GgufWords.values()) {
            List<WordSplitter> steps = new ArrayList<>();
            for (String pattern : words.patterns()) {
                steps.add(new WordSplitter.Split(WordPattern.of("", pattern), WordSplitter.Delimiter.ISOLATED, false));
            }
            steps.add(whole);
            if (splitter.equals(new WordSplitter.Sequence(steps))) {
                return words.id();
            }
        }
        if (splitter.equals(plain) || splitter.equals(new WordSplitter.Sequence(List.of(plain)))) {
            return GgufWords.GPT2.id();
        }
        if (splitter.equals(new WordSplitter.Sequence(List.of(new WordSplitter.Digits(true), plain)))) {
            return GgufWords.SMOLLM.id();
        }
        throw new InputException(WHERE + ": pre_tokenizer must be GPT-2's, Llama 3's, Qwen2's or SmolLM's for a GGUF"
                + " file; got another");
    }

    private void scored(WordSplitter splitter, List<Merge> merges) {
        if (!model.truth("byte_fallback", false)) {
            throw new InputException(WHERE + ": model must have byte_fallback for a GGUF file; got none");
        }
        out.put(PREFIX + "scores", GgufValue.numbers(scores(merges)));
        out.put(PREFIX + "token_type", GgufValue.integers(types));
        boolean prefix = splitter instanceof Metaspace metaspace
                ? metaspace.prefix() != Metaspace.Prefix.NEVER
                : prepends(new TokenizerSteps(root).normalizer());
        out.put(PREFIX + "add_space_prefix", new GgufValue.Truth(prefix));
        int unknown = types.indexOf(GgufTokenizer.UNKNOWN);
        if (unknown >= 0) {
            out.put(PREFIX + "unknown_token_id", new GgufValue.Whole(GgufKind.UINT32, unknown));
        }
    }

    private static boolean prepends(@Nullable TextNormalizer normalizer) {
        return normalizer instanceof TextNormalizer.Prepend
                || normalizer instanceof TextNormalizer.Sequence(List<TextNormalizer> steps)
                        && steps.stream().anyMatch(GgufVocabulary::prepends);
    }

    /** A token's score is higher the earlier its merges stand; that says the same only where each has all its pairs together. */
    private List<Double> scores(List<Merge> merges) {
        Map<String, Integer> order = new HashMap<>();
        Set<List<String>> listed = new HashSet<>();
        String last = "";
        for (Merge merge : merges) {
            String token = merge.left + merge.right;
            listed.add(List.of(merge.left, merge.right));
            if (!token.equals(last) && order.putIfAbsent(token, model.has(TokenizerReader.RANKS) ? merge.rank : order.size()) != null) {
                throw unscored(token);
            }
            last = token;
        }
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (types.get(i) == GgufTokenizer.NORMAL || types.get(i) == GgufTokenizer.USER_DEFINED) {
                ids.put(tokens.get(i), i);
            }
        }
        List<Double> scores = new ArrayList<>(Collections.nCopies(tokens.size(), 0.0));
        ids.forEach((token, id) -> {
            scores.set(id, -(double) order.getOrDefault(token, merges.size()));
            for (String[] pair : GgufTokenizer.pairs(token, ids)) {
                if (!listed.contains(List.of(pair))) {
                    throw unscored(token);
                }
            }
        });
        return scores;
    }

    private static InputException unscored(String token) {
        return new InputException(
                WHERE + ": merges must be SentencePiece's for a GGUF file, all pairs of a token one after"
                        + " the other; got others of '" + token + "'");
    }
}
