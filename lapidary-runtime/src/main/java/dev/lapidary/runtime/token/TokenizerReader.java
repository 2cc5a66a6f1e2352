package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code tokenizer.json}: model, vocabulary and added tokens; {@link TokenizerSteps} reads what stands around them. */
final class TokenizerReader {
    private static final String WHERE = "tokenizer.json";
    private static final int LARGEST_ID = 1 << 24;

    /** A member of the model that only Lapidary writes: the rank of each merge; of those with one rank the leftmost goes first. */
    static final String RANKS = "merge_ranks";

    private final JsonObject root;
    private final JsonObject model;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final Map<Integer, AddedToken> added = new HashMap<>(); // by id
    private final List<AddedToken> specials = new ArrayList<>();
    private final List<AddedToken> ordinaries = new ArrayList<>();
    private int largestId; // that the file gives an added token

    private TokenizerReader(JsonObject root) {
        this.root = root;
        this.model = root.object("model");
    }

    static Tokenizer read(byte[] json, @Nullable SpecialTokens special) {
        return new TokenizerReader(JsonTree.object(WHERE, json)).tokenizer(json, special);
    }

    private Tokenizer tokenizer(byte[] json, @Nullable SpecialTokens special) {
        requireBytePairs();
        readVocabulary();
        TokenizerSteps steps = new TokenizerSteps(root);
        TextNormalizer normalizer = steps.normalizer();
        WordSplitter splitter = steps.splitter();
        BytePairModel words = model(TokenizerSteps.endsInBytes(splitter));
        readAdded();
        int[] before = before(steps, special);
        BytePairTokenizer.Parts parts = new BytePairTokenizer.Parts(
                addedTokens(false, null),
                normalizer,
                addedTokens(true, normalizer),
                splitter,
                words,
                steps.decoder(),
                written(),
                contents(specials),
                before);
        OptionalInt bos = before.length > 0 ? OptionalInt.of(before[0]) : OptionalInt.empty();
        SpecialTokens told =
                special != null ? special : new SpecialTokens(bos, OptionalInt.empty(), Set.of(), before.length > 0);
        return new BytePairTokenizer(parts, told, json);
    }

    private int[] before(TokenizerSteps steps, @Nullable SpecialTokens special) {
        int[] before = steps.before(LARGEST_ID);
        if (special == null || special.addsBos() && before.length > 0) {
            return before;
        }
        return special.addsBos() && special.bos().isPresent()
                ? new int[] {special.bos().getAsInt()}
                : new int[0];
    }

    private void requireBytePairs() {
        String type = model.text("type", model.has("merges") ? "BPE" : "none");
        if (!type.equals("BPE")) {
            throw new InputException(WHERE + ": model must be BPE; got " + type);
        }
        if (model.number("dropout", 0) != 0) {
            throw new InputException(WHERE + ": model must have no dropout; got " + model.number("dropout"));
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.text(affix, "").isEmpty()) {
                throw new InputException(WHERE + ": model must have no " + affix + "; got '" + model.text(affix) + "'");
            }
        }
    }

    private void readVocabulary() {
        JsonObject vocab = model.object("vocab");
        if (vocab.members().isEmpty()) {
            throw new InputException(WHERE + ": model must have tokens in vocab; got none");
        }
        for (String token : vocab.members().keySet()) {
            vocabulary.put(token, vocab.whole(token, 0, LARGEST_ID));
        }
    }

    private BytePairModel model(boolean bytes) {
        String unknown = model.text("unk_token", "");
        Integer unknownId = vocabulary.get(unknown);
        if (!unknown.isEmpty() && unknownId == null) {
            throw new InputException(WHERE + ": unk_token must be in the vocabulary; got '" + unknown + "'");
        }
        boolean wholeWords = model.truth("ignore_merges", false);
        List<JsonTree> merges = model.items("merges");
        PairTable pairs = new PairTable(merges.size());
        boolean separate = vocabulary.containsKey(String.valueOf(Metaspace.BLOCK));
        int[] ranks = ranks(model, merges);
        for (int i = 0; i < ranks.length; i++) {
            if (ranks[i] >= 0) {
                separate &= !put(pairs, ranks[i], merges.get(i));
            }
        }
        BytePairModel.Settings settings = new BytePairModel.Settings(
                bytes,
                unknownId == null ? -1 : unknownId,
                model.truth("fuse_unk", false),
                model.truth("byte_fallback", false),
                wholeWords,
                separate && !bytes && !wholeWords);
        return new BytePairModel(vocabulary, pairs, settings);
    }

    /** Returns the rank of each merge, by its place where the file does not say; -1 for the line of a version. */
    static int[] ranks(JsonObject model, List<JsonTree> merges) {
        int[] ranks = new int[merges.size()];
        long[] told = model.wholes(RANKS);
        if (model.has(RANKS) && told.length != ranks.length) {
            throw new InputException(WHERE + ": " + RANKS + " must have a rank for each of " + ranks.length + " merges; got "
                    + told.length);
        }
        int next = 0;
        for (int i = 0; i < ranks.length; i++) {
            if (merges.get(i) instanceof JsonTree.Text(String line) && line.startsWith("#version")) {
                ranks[i] = -1;
            } else if (told.length == 0) {
                ranks[i] = next++;
            } else if (told[i] < 0 || told[i] >= ranks.length) {
                throw new InputException(
                        WHERE + ": " + RANKS + " must be from 0 to " + (ranks.length - 1) + "; got " + told[i]);
            } else {
                ranks[i] = (int) told[i];
            }
        }
        return ranks;
    }

    /** Adds a merge; returns whether its token has a block behind another letter. */
    private boolean put(PairTable pairs, int rank, JsonTree merge) {
        String[] sides = sides(rank, merge);
        String token = sides[0] + sides[1];
        Integer left = vocabulary.get(sides[0]);
        Integer right = vocabulary.get(sides[1]);
        Integer merged = vocabulary.get(token);
        if (left == null || right == null || merged == null) {
            throw new InputException(WHERE + ": merge " + rank + " must be of tokens of the vocabulary; got '"
                    + sides[0] + "' and '" + sides[1] + "'");
        }
        pairs.put(left, right, rank, merged);
        for (int i = 1; i < token.length(); i++) {
            if (token.charAt(i) == Metaspace.BLOCK && token.charAt(i - 1) != Metaspace.BLOCK) {
                return true;
            }
        }
        return false;
    }

    static String[] sides(int rank, JsonTree merge) {
        if (merge instanceof JsonTree.Text(String line)) {
            int space = line.indexOf(' ');
            if (space >= 0 && line.indexOf(' ', space + 1) < 0) {
                return new String[] {line.substring(0, space), line.substring(space + 1)};
            }
        }
        if (merge instanceof JsonTree.Items(List<JsonTree> sides)
                && sides.size() == 2
                && sides.get(0) instanceof JsonTree.Text(String left)
                && sides.get(1) instanceof JsonTree.Text(String right)) {
            return new String[] {left, right};
        }
        throw new InputException(WHERE + ": merge " + rank + " must be two tokens; got "
                + (merge instanceof JsonTree.Text(String line) ? "'" + line + "'" : merge.kind()));
    }

    /** As in the library, a token has the id of the vocabulary, and a new one the next: the id in the file does not count. */
    private void readAdded() {
        Set<AddedToken> known = new HashSet<>();
        Set<String> specialContents = new HashSet<>();
        int next = vocabulary.size();
        for (JsonObject object : root.objects("added_tokens")) {
            String content = object.text("content");
            boolean special = object.truth("special", false);
            largestId = Math.max(largestId, object.whole("id", 0, LARGEST_ID));
            Integer id = addedIds.containsKey(content) ? addedIds.get(content) : vocabulary.get(content);
            AddedToken token = new AddedToken(
                    content,
                    id == null ? next : id,
                    special,
                    object.truth("single_word", false),
                    object.truth("lstrip", false),
                    object.truth("rstrip", false),
                    object.truth("normalized", !special));
            if (content.isEmpty() || !known.add(token)) {
                continue;
            }
            if (special && specialContents.add(content)) {
                specials.add(token);
            } else if (!special) {
                ordinaries.add(token);
            }
            addedIds.put(content, token.id());
            added.put(token.id(), token);
            next = Math.max(next, token.id() + 1);
        }
    }

    private AddedTokens addedTokens(boolean normalized, @Nullable TextNormalizer normalizer) {
        List<AddedToken> tokens = new ArrayList<>();
        List<String> contents = new ArrayList<>();
        for (AddedToken token : TokenizerSteps.joined(specials, ordinaries)) {
            AddedToken last = added.getOrDefault(token.id(), token); // of several with one id, its flags count
            if (token.normalized() == normalized) {
                String content = normalizer == null ? token.content() : normalizer.normalize(token.content());
                if (!content.isEmpty()) {
                    tokens.add(last);
                    contents.add(content);
                }
            }
        }
        return new AddedTokens(contents, tokens);
    }

    private List<@Nullable String> written() {
        int largest = largestId;
        for (int id : TokenizerSteps.joined(List.copyOf(vocabulary.values()), List.copyOf(addedIds.values()))) {
            largest = Math.max(largest, id);
        }
        List<@Nullable String> written = new ArrayList<>(largest + 1);
        for (int id = 0; id <= largest; id++) {
            written.add(null);
        }
        vocabulary.forEach((token, id) -> written.set(id, token));
        added.forEach((id, token) -> written.set(id, token.content()));
        return Collections.unmodifiableList(written);
    }

    private static Set<String> contents(List<AddedToken> tokens) {
        Set<String> contents = new HashSet<>();
        tokens.forEach(token -> contents.add(token.content()));
        return contents;
    }
}
