package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedSet;
import java.util.Set;

/**
 * Reads the tokenizer that a GGUF file carries, by writing the {@code tokenizer.json} of the same tokenizer and reading that.
 *
 * <p>The model {@code gpt2} is byte-level pairs with listed merges. The model {@code llama} is SentencePiece's, which has no
 * merges but scores: of all neighbours that join to a token, those of the highest score go first, of equal scores the leftmost;
 * the pairs of every token, ranked by their scores, are the same as merges.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the metadata</a>
 */
public final class GgufTokenizer {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    private static final String PREFIX = "tokenizer.ggml.";
    private static final int MOST = 1 << 24; // tokens
    private static final int LONGEST = 4096; // letters of a token; pairs take time by their square
    private static final Set<String> ENDS = Set.of("<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<end_of_turn>");

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final long[] types;

    private GgufTokenizer(GgufMetadata metadata) {
        this.metadata = metadata;
        this.tokens = tokens(metadata);
        this.types = types();
    }

    /**
     * Reads the tokenizer.
     *
     * @throws InputException that names what is missing or not supported
     */
    public static Tokenizer read(GgufMetadata metadata) {
        GgufTokenizer reader = new GgufTokenizer(metadata);
        String model = metadata.text(PREFIX + "model");
        return switch (model) {
            case "gpt2" -> reader.byteLevel();
            case "llama" -> reader.scored();
            default ->
                throw new InputException(
                        metadata.where() + ": " + PREFIX + "model must be gpt2 or llama; got " + model);
        };
    }

    private static List<String> tokens(GgufMetadata metadata) {
        List<String> read = metadata.texts(PREFIX + "tokens");
        if (read.isEmpty()) {
            throw new InputException(metadata.where() + ": " + PREFIX + "tokens must hold tokens; got none");
        }
        List<String> tokens = new ArrayList<>();
        for (String token : read) {
            if (token.length() > LONGEST) {
                throw new InputException(metadata.where() + ": tokens must have at most " + LONGEST
                        + " letters; got one of " + token.length());
            }
            tokens.add(token.isEmpty() ? "[EMPTY_" + tokens.size() + "]" : token);
        }
        return tokens;
    }

    private long[] types() {
        if (!metadata.has(PREFIX + "token_type")) {
            long[] normal = new long[tokens.size()];
            Arrays.fill(normal, NORMAL);
            return normal;
        }
        long[] read = metadata.wholes(PREFIX + "token_type");
        requireAll("token_type", read.length);
        return read;
    }

    private void requireAll(String what, int count) {
        if (count != tokens.size()) {
            throw new InputException(metadata.where() + ": " + PREFIX + what + " must have one value for each of "
                    + tokens.size() + " tokens; got " + count);
        }
    }

    private Tokenizer byteLevel() {
        String pre = metadata.text(PREFIX + "pre", "default");
        GgufWords words = GgufWords.of(metadata.where(), pre);
        List<String> merges = metadata.texts(PREFIX + "merges");
        TokenizerWriter json = new TokenizerWriter();
        added(json);
        json.byteLevel(words, tokens, merges);
        return tokenizer(json, OptionalInt.empty(), OptionalInt.empty(), words.addsBos());
    }

    private Tokenizer scored() {
        double[] scores = metadata.numbers(PREFIX + "scores");
        requireAll("scores", scores.length);
        boolean prefix = metadata.truth(PREFIX + "add_space_prefix", true);
        int unknown = id("unknown_token_id").orElse(0);
        TokenizerWriter json = new TokenizerWriter();
        added(json);
        List<String[]> pairs = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        merges(scores, pairs, ranks);
        json.scored(tokens, pairs, ranks, tokens.get(unknown), prefix);
        return tokenizer(json, OptionalInt.of(1), OptionalInt.of(2), true);
    }

    private Tokenizer tokenizer(TokenizerWriter json, OptionalInt bos, OptionalInt eos, boolean addsBos) {
        OptionalInt begin = or(id("bos_token_id"), bos);
        OptionalInt end = or(id("eos_token_id"), eos);
        boolean adds = metadata.truth(PREFIX + "add_bos_token", addsBos) && begin.isPresent();
        if (begin.orElse(0) >= tokens.size() || end.orElse(0) >= tokens.size()) {
            throw new InputException(metadata.where() + ": " + PREFIX
                    + "tokens must hold the tokens that begin and end a text, by default 1 and 2; got " + tokens.size()
                    + " tokens");
        }
        if (adds) {
            json.before(tokens.get(begin.getAsInt()), begin.getAsInt());
        }
        try {
            return Tokenizer.fromJson(json.bytes(), new SpecialTokens(begin, end, ends(end), adds));
        } catch (InputException e) { // speaks of the tokenizer.json that this class wrote
            throw InputException.in(metadata.where(), e);
        }
    }

    private SequencedSet<Integer> ends(OptionalInt end) {
        SequencedSet<Integer> ends = new LinkedHashSet<>();
        end.ifPresent(ends::add);
        id("eot_token_id").ifPresent(ends::add);
        id("eom_token_id").ifPresent(ends::add);
        for (int i = 0; i < tokens.size(); i++) {
            if (types[i] == CONTROL && ENDS.contains(tokens.get(i))) {
                ends.add(i);
            }
        }
        return ends;
    }

    private static OptionalInt or(OptionalInt first, OptionalInt second) {
        return first.isPresent() ? first : second;
    }

    private OptionalInt id(String name) {
        String key = PREFIX + name;
        if (!metadata.has(key)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(metadata.whole(key, 0, Math.min(MOST, tokens.size()) - 1));
    }

    private void added(TokenizerWriter json) {
        for (int i = 0; i < types.length; i++) {
            if (types[i] == CONTROL || types[i] == UNKNOWN) {
                json.added(i, tokens.get(i), true);
            } else if (types[i] == USER_DEFINED) {
                json.added(i, tokens.get(i), false);
            }
        }
    }

    /** Collects the pairs of tokens that join to a token, those of the highest score first; equal scores have one rank. */
    private void merges(double[] scores, List<String[]> merges, List<Integer> ranks) {
        Map<String, Integer> ids = new HashMap<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (types[i] != CONTROL && types[i] != UNKNOWN && types[i] != BYTE) {
                ids.put(tokens.get(i), i);
                order.add(i);
            }
        }
        order.sort(Comparator.comparingDouble((Integer id) -> -scores[id]).thenComparingInt(id -> id));
        int rank = -1;
        double last = Double.NaN;
        for (int id : order) {
            if (scores[id] != last) {
                rank++;
                last = scores[id];
            }
            for (String[] pair : pairs(tokens.get(id), ids)) {
                merges.add(pair);
                ranks.add(rank);
            }
        }
    }

    static List<String[]> pairs(String token, Map<String, Integer> ids) {
        List<String[]> pairs = new ArrayList<>();
        for (int cut = LetterKind.width(token, 0); cut < token.length(); cut += LetterKind.width(token, cut)) {
            String left = token.substring(0, cut);
            String right = token.substring(cut);
            if (ids.containsKey(left) && ids.containsKey(right)) {
                pairs.add(new String[] {left, right});
            }
        }
        return pairs;
    }
}
