package dev.lapidary.runtime.token;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer in the steps of Hugging Face's library: added tokens are cut out, the rest is normalized, split into words, and the
 * words are merged.
 */
final class BytePairTokenizer implements Tokenizer {
    private final Parts parts;
    private final SpecialTokens special;
    private final byte[] json;

    /**
     * The steps.
     *
     * @param verbatim added tokens that are found in the text as it is
     * @param normalizer changes what is between them, or nothing
     * @param normalized added tokens that are found in the changed text
     * @param splitter cuts what is between those into words
     * @param model encodes words
     * @param decoder turns tokens into text
     * @param vocabulary the written form of every id, null where there is none
     * @param specialContents the written forms of special tokens
     * @param before ids that stand before every text
     */
    record Parts(
            AddedTokens verbatim,
            @Nullable TextNormalizer normalizer,
            AddedTokens normalized,
            WordSplitter splitter,
            BytePairModel model,
            TokenDecoder decoder,
            List<@Nullable String> vocabulary,
            Set<String> specialContents,
            int[] before) {}

    BytePairTokenizer(Parts parts, SpecialTokens special, byte[] json) {
        this.parts = parts;
        this.special = special;
        this.json = json.clone();
    }

    @Override
    public int[] encode(String text) {
        TokenList out = new TokenList();
        out.addAll(parts.before);
        encode(text, out);
        return out.toArray();
    }

    @Override
    public int[] encodePlain(String text) {
        TokenList out = new TokenList();
        encode(text, out);
        return out.toArray();
    }

    private void encode(String text, TokenList out) {
        String clean = Utf8.wellFormed(text);
        parts.verbatim.divide(clean, new AddedTokens.Parts() {
            @Override
            public void text(int from, int to) {
                normalize(clean.substring(from, to), from == 0, out);
            }

            @Override
            public void token(int id) {
                out.add(id);
            }
        });
    }

    private void normalize(String text, boolean first, TokenList out) {
        String normal = parts.normalizer == null ? text : parts.normalizer.normalize(text);
        WordSplitter.Words words = (word, from, to, leads) -> parts.model.encode(word, from, to, out);
        parts.normalized.divide(normal, new AddedTokens.Parts() {
            @Override
            public void text(int from, int to) {
                parts.splitter.split(normal, from, to, first, words);
            }

            @Override
            public void token(int id) {
                out.add(id);
            }
        });
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
        List<String> tokens = new ArrayList<>(ids.length);
        for (int id : ids) {
            String token = id >= 0 && id < parts.vocabulary.size() ? parts.vocabulary.get(id) : null;
            if (token != null && !(skipSpecial && parts.specialContents.contains(token))) {
                tokens.add(token);
            }
        }
        return String.join("", parts.decoder.decode(tokens));
    }

    @Override
    public int vocabulary() {
        return parts.vocabulary.size();
    }

    @Override
    public OptionalInt bos() {
        return special.bos();
    }

    @Override
    public OptionalInt eos() {
        return special.eos();
    }

    @Override
    public boolean addsBos() {
        return parts.before.length > 0;
    }

    @Override
    public Set<Integer> ends() {
        return special.ends();
    }

    @Override
    public byte[] toJson() {
        return json.clone();
    }
}
