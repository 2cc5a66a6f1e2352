package dev.lapidary.runtime.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufMetadata;
import dev.lapidary.runtime.gguf.GgufValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {
    private static final String PREFIX = "tokenizer.ggml.";

    private final SequencedMap<String, GgufValue> values = new LinkedHashMap<>();

    /** A vocabulary as SentencePiece's: the bytes, letters, and pieces with scores. */
    private List<String> scored(boolean prefix) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        for (int i = 0; i < 256; i++) {
            tokens.add("<0x%02X>".formatted(i));
            types.add(6);
        }
        Random random = new Random(4);
        List<String> pieces = new ArrayList<>(List.of("▁", "a", "b", "c", "ä", "🙂"));
        while (pieces.size() < 120) {
            String piece = pieces.get(random.nextInt(pieces.size())) + pieces.get(random.nextInt(pieces.size()));
            if (piece.length() < 9 && piece.lastIndexOf('▁') <= 0 && !pieces.contains(piece)) {
                pieces.add(piece);
            }
        }
        pieces.forEach(piece -> types.add(1));
        tokens.addAll(pieces);
        values.put(PREFIX + "model", new GgufValue.Text("llama"));
        values.put(PREFIX + "tokens", GgufValue.texts(tokens));
        values.put(PREFIX + "token_type", GgufValue.integers(types));
        List<Double> scores = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            scores.add(i < 259 ? 0.0 : -(double) (i * 7919 % 1000)); // in any order, as trained models have it
        }
        values.put(PREFIX + "scores", GgufValue.numbers(scores));
        values.put(PREFIX + "add_space_prefix", new GgufValue.Truth(prefix));
        return tokens;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void scoresMergeAsSentencePieceDoes(boolean prefix) {
        List<String> tokens = scored(prefix);
        Tokenizer tokenizer = GgufTokenizer.read(metadata());
        double[] scores = metadata().numbers(PREFIX + "scores");
        assertThat(tokenizer.encode("")).containsExactly(1);
        assertThat(tokenizer.bos()).hasValue(1);
        assertThat(tokenizer.ends()).containsExactly(2);
        Random random = new Random(6);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(60); k >= 0; k--) {
                text.append(
                        List.of("a", "b", "c", "ä", "🙂", " ", "  ", "é", "\n").get(random.nextInt(9)));
            }
            int[] expected = reference((prefix ? "▁" : "") + text.toString().replace(' ', '▁'), tokens, scores);

            assertThat(tokenizer.encodePlain(text.toString()))
                    .as(text.toString())
                    .isEqualTo(expected);
            assertThat(tokenizer.decode(expected, false)).isEqualTo(text.toString());
        }
        assertThat(tokenizer.encodePlain("a</s>a")).contains(2);
    }

    /** The definition: as long as two neighbours join to a token, those of the highest score do, of several the leftmost. */
    private static int[] reference(String text, List<String> tokens, double[] scores) {
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 259; i < tokens.size(); i++) {
            ids.put(tokens.get(i), i);
        }
        List<String> pieces =
                new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
        while (true) {
            int best = -1;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                Integer id = ids.get(pieces.get(i) + pieces.get(i + 1));
                if (id != null
                        && (best < 0
                                || scores[id]
                                        > scores[
                                                Objects.requireNonNull(
                                                        ids.get(pieces.get(best) + pieces.get(best + 1)))])) {
                    best = i;
                }
            }
            if (best < 0) {
                break;
            }
            pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
        }
        List<Integer> out = new ArrayList<>();
        for (String piece : pieces) {
            if (ids.containsKey(piece)) {
                out.add(ids.get(piece));
            } else {
                for (byte octet : piece.getBytes(StandardCharsets.UTF_8)) {
                    out.add(3 + (octet & 0xff));
                }
            }
        }
        return out.stream().mapToInt(i -> i).toArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aScoredTokenizerGoesThroughAFile(boolean prefix) {
        scored(prefix);
        Tokenizer tokenizer = GgufTokenizer.read(metadata());

        SequencedMap<String, GgufValue> written = GgufVocabulary.of(tokenizer, 400);
        Tokenizer again = GgufTokenizer.read(new GgufMetadata("b.gguf", written));

        String text = "abcab cä🙂  \nab</s> cacacac";
        assertThat(again.encode(text)).isEqualTo(tokenizer.encode(text));
        assertThat(again.vocabulary()).isEqualTo(400);
        assertThat(new String(again.toJson(), StandardCharsets.UTF_8)).contains("\"[PAD399]\":399");
        assertThat(written.get(PREFIX + "add_space_prefix")).isEqualTo(new GgufValue.Truth(prefix));
    }

    private void byteLevel(String pre) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            tokens.add(String.valueOf(ByteLetters.letter(i)));
        }
        tokens.addAll(List.of("Ġt", "he", "Ġthe", "12", "123", "<|eot_id|>", "<|user|>"));
        List<Integer> types = new ArrayList<>(java.util.Collections.nCopies(261, 1));
        types.addAll(List.of(3, 4));
        values.put(PREFIX + "model", new GgufValue.Text("gpt2"));
        values.put(PREFIX + "pre", new GgufValue.Text(pre));
        values.put(PREFIX + "tokens", GgufValue.texts(tokens));
        values.put(PREFIX + "token_type", GgufValue.integers(types));
        values.put(PREFIX + "merges", GgufValue.texts(List.of("Ġ t", "h e", "Ġt he", "1 2", "12 3")));
        values.put(PREFIX + "bos_token_id", GgufValue.size(0));
        values.put(PREFIX + "eos_token_id", GgufValue.size(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "qwen2", "smollm", "default", "tekken"})
    void byteLevelWordsAreCutAsNamed(String pre) {
        byteLevel(pre);
        Tokenizer tokenizer = GgufTokenizer.read(metadata());
        boolean llama = pre.equals("llama-bpe") || pre.equals("tekken");
        boolean digits = pre.equals("smollm") || pre.equals("qwen2") || pre.equals("tekken");

        assertThat(tokenizer.addsBos()).isEqualTo(llama);
        assertThat(tokenizer.encode(" the").length).isEqualTo(llama ? 2 : 1);
        assertThat(tokenizer.encodePlain("1234")).hasSize(digits ? 4 : 2);
        assertThat(tokenizer.encodePlain(" the<|eot_id|><|user|>")).containsExactly(258, 261, 262);
        assertThat(tokenizer.decode(new int[] {258, 261, 262}, true)).isEqualTo(" the<|user|>");
        assertThat(tokenizer.ends()).containsExactly(7, 261);
        SequencedMap<String, GgufValue> written = GgufVocabulary.of(tokenizer, 263);
        assertThat(written.get(PREFIX + "pre")).isEqualTo(new GgufValue.Text(pre));
        assertThat(written.get(PREFIX + "merges")).isEqualTo(values.get(PREFIX + "merges"));
        assertThat(written.get(PREFIX + "tokens")).isEqualTo(values.get(PREFIX + "tokens"));
        assertThat(written.get(PREFIX + "token_type")).isEqualTo(values.get(PREFIX + "token_type"));
    }

    @Test
    void whatIsMissingOrOddIsRefusedByName() {
        byteLevel("odd");
        refused("tokenizer.ggml.pre must be one of gpt-2, ");
        byteLevel("gpt-2");
        values.put(PREFIX + "token_type", GgufValue.integers(List.of(1)));
        refused("token_type must have one value for each of 263 tokens; got 1");
        byteLevel("gpt-2");
        values.put(PREFIX + "eos_token_id", GgufValue.size(263));
        refused("eos_token_id must be from 0 to 262; got 263");
        byteLevel("gpt-2");
        values.put(PREFIX + "model", new GgufValue.Text("t5"));
        refused("model must be gpt2 or llama; got t5");
        byteLevel("gpt-2");
        values.remove(PREFIX + "merges");
        refused("merges must be an array; got nothing");
        values.put(PREFIX + "tokens", GgufValue.texts(List.of()));
        refused("must hold tokens; got none");
        byteLevel("gpt-2");
        values.put(PREFIX + "merges", GgufValue.texts(List.of("ha\nt")));
        refused("'ha\\u000at'");
        values.put(PREFIX + "tokens", GgufValue.texts(List.of("a", "b".repeat(4097))));
        refused("tokens must have at most 4096 letters; got one of 4097");
    }

    private void refused(String message) {
        assertThatThrownBy(() -> GgufTokenizer.read(metadata()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("a.gguf: ")
                .hasMessageContaining(message);
    }

    private GgufMetadata metadata() {
        return new GgufMetadata("a.gguf", values);
    }

    /** SentencePiece's and llama.cpp's rule, as for the pieces that a vocabulary was extended with. */
    @Test
    void ofPiecesWithOneScoreTheLeftmostGoesFirst() {
        List<String> tokens = scored(true);
        for (String key : List.of("tokens", "token_type", "scores")) {
            values.remove(PREFIX + key);
        }
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        List<String> extended = new ArrayList<>(tokens.subList(0, 259));
        extended.addAll(List.of("▁", "x", "y", "z", "w", "yz", "xy", "zw"));
        for (int i = 3; i < extended.size(); i++) {
            types.add(i < 259 ? 6 : 1);
        }
        values.put(PREFIX + "tokens", GgufValue.texts(extended));
        values.put(PREFIX + "token_type", GgufValue.integers(types));
        values.put(PREFIX + "scores", GgufValue.numbers(Collections.nCopies(extended.size(), 0.0)));
        Tokenizer tokenizer = GgufTokenizer.read(metadata());

        assertThat(tokenizer.encode("xyzw")).containsExactly(1, 259, 265, 266); // ▁ xy zw, and not x yz w
        Tokenizer packed = Tokenizer.fromJson(tokenizer.toJson());
        assertThat(packed.encode("xyzw")).containsExactly(1, 259, 265, 266);
        Tokenizer again = GgufTokenizer.read(new GgufMetadata("b.gguf", GgufVocabulary.of(tokenizer, 300)));
        assertThat(again.encode("xyzw")).containsExactly(1, 259, 265, 266);
    }

    @Test
    void tokensThatBeginAndEndMustBeThere() {
        values.put(PREFIX + "model", new GgufValue.Text("llama"));
        values.put(PREFIX + "tokens", GgufValue.texts(List.of("<unk>")));
        values.put(PREFIX + "scores", GgufValue.numbers(List.of(0.0)));
        assertThatThrownBy(() -> GgufTokenizer.read(metadata()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokens must hold the tokens that begin and end a text, by default 1 and 2; got 1 tokens");
    }
}
