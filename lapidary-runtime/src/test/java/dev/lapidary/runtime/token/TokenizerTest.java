package dev.lapidary.runtime.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read and refused; that the tokens are right is tested in the core, against Hugging Face's library. */
class TokenizerTest {
    private static final String MODEL =
            "{'type': 'BPE', 'unk_token': '?', 'vocab': {'?': 0, 'a': 1, 'b': 2, 'ab': 3, 'aab': 4},"
                    + " 'merges': ['a b', ['a', 'ab']]}";
    private static final String TEMPLATE =
            "{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': '<s>', 'type_id': 0}},"
                    + " {'Sequence': {'id': 'A', 'type_id': 0}}], 'special_tokens': {'<s>': {'id': '<s>', 'ids': [5], 'tokens': ['<s>']}}}";
    private static final String ADDED = "'added_tokens': [{'id': 5, 'content': '<s>', 'special': true}]";

    /** As Rust has it: a byte that no letter can go on with is not part of the piece before it. */
    @ParameterizedTest
    @CsvSource({
        "ED9FBF,\ud7ff",
        "EDA061,\ufffd\ufffda",
        "61EDA080,a\ufffd\ufffd\ufffd",
        "ED,\ufffd",
        "EDED,\ufffd\ufffd",
        "E282,\ufffd",
        "E28261,\ufffda",
        "F09F9982,\ud83d\ude42",
        "C3A9EDBFBF,\u00e9\ufffd\ufffd\ufffd"
    })
    void brokenBytesBecomeReplacements(String bytes, String text) {
        TokenDecoder.ByteRow row = new TokenDecoder.ByteRow();
        for (byte value : HexFormat.of().parseHex(bytes)) {
            row.add(value);
        }
        assertThat(row.text()).isEqualTo(text);
    }

    @Test
    void mergesByRankAndFromTheLeft() {
        Tokenizer tokenizer = read("{'model': " + MODEL + "}");

        assertThat(tokenizer.encode("aabab")).containsExactly(4, 3);
        assertThat(tokenizer.encode("aaab")).containsExactly(1, 4);
        assertThat(tokenizer.encode("bxa")).containsExactly(2, 0, 1);
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.decode(new int[] {4, -1, 3, 99}, false)).isEqualTo("aab ab");
        assertThat(tokenizer.vocabulary()).isEqualTo(5);
        assertThat(tokenizer.bos()).isEmpty();
        assertThat(tokenizer.ends()).isEmpty();
    }

    @Test
    void longWordsAreMergedAsShortOnes() {
        Tokenizer tokenizer = read("{'model': " + MODEL + "}");

        int[] ids = tokenizer.encode("ab".repeat(100_000) + "aab");

        assertThat(ids).hasSize(100_001).startsWith(3, 3).endsWith(3, 4);
    }

    @Test
    void whatStandsBeforeATextComesFromTheFileOrTheModel() {
        String json = "{'model': " + MODEL + ", 'post_processor': " + TEMPLATE + ", " + ADDED + "}";

        assertThat(read(json).encode("ab")).containsExactly(5, 3);
        assertThat(read(json).encodePlain("ab<s>a")).containsExactly(3, 5, 1);
        assertThat(read(json).addsBos()).isTrue();
        assertThat(read(json).bos()).hasValue(5);
        assertThat(read(json).decode(new int[] {5, 3}, true)).isEqualTo("ab");
        SpecialTokens none = new SpecialTokens(OptionalInt.of(5), OptionalInt.of(2), Set.of(2), false);
        Tokenizer told = Tokenizer.fromJson(bytes(json), none);
        assertThat(told.encode("ab")).containsExactly(3);
        assertThat(told.bos()).hasValue(5);
        assertThat(told.eos()).hasValue(2);
        assertThat(told.ends()).containsExactly(2);
        assertThat(told.toJson()).isEqualTo(bytes(json));
        SpecialTokens adds = new SpecialTokens(OptionalInt.of(2), OptionalInt.empty(), Set.of(), true);
        assertThat(Tokenizer.fromJson(bytes("{'model': " + MODEL + "}"), adds).encode("ab"))
                .containsExactly(2, 3);
    }

    @Test
    void theWellKnownPatternsAreWrittenOut() {
        assertThat(WordPattern.of("", WordPattern.GPT2)).isEqualTo(new WordPattern.Gpt2());
        assertThat(WordPattern.of("", WordPattern.LLAMA3)).isEqualTo(new WordPattern.Llama3(3));
        assertThat(WordPattern.of("", WordPattern.QWEN2)).isEqualTo(new WordPattern.Llama3(1));
    }

    @Test
    void otherModelsAreRefusedByName() {
        refused("{'model': {'type': 'Unigram', 'vocab': [['a', 0.5]]}}", "model must be BPE; got Unigram");
        refused("{'model': {'type': 'WordPiece', 'vocab': {'a': 1}}}", "model must be BPE; got WordPiece");
        refused("{'model': {'vocab': {'a': 1}}}", "model must be BPE; got none");
        refused(
                "{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'merges': []}, 'pre_tokenizer': {'type': 'Split', 'pattern':"
                        + " {'Regex': '\\\\w+'}, 'behavior': 'Isolated', 'invert': false}}",
                "must be a regular expression of categories");
        refused("{}", "model must be an object; got nothing");
        refused("{'model': {'type': 'BPE', 'vocab': {}}}", "must have tokens in vocab; got none");
        refused("{'model': {'type': 'BPE', 'vocab': {'a': -1}}}", "a must be from 0 to");
        refused("{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'dropout': 0.1}}", "no dropout; got 0.1");
        refused("{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'end_of_word_suffix': '</w>'}}", "got '</w>'");
        refused(
                "{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'unk_token': 'u'}}",
                "unk_token must be in the vocabulary");
        refused("{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'merges': ['a b']}}", "merge 0 must be of tokens");
        refused(
                "{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'merges': ['a']}}",
                "merge 0 must be two tokens; got 'a'");
        refused("{'model': {'type': 'BPE', 'vocab': {'a': 1}, 'merges': [['a']]}}", "must be two tokens; got an array");
    }

    @Test
    void otherStepsAreRefusedByName() {
        step("'normalizer': {'type': 'Precompiled'}", "normalizer: type must be NFC, NFD");
        step(
                "'normalizer': {'type': 'Replace', 'pattern': {'String': ''}, 'content': 'x'}",
                "String must not be empty");
        step("'pre_tokenizer': {'type': 'BertPreTokenizer'}", "got BertPreTokenizer");
        step(
                "'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': '('}, 'behavior': 'Isolated'}",
                "regular expression");
        step("'pre_tokenizer': {'type': 'Split', 'pattern': {'Regex': 'a'}, 'behavior': 'Odd'}", "got Odd");
        step(
                "'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [{'type': 'ByteLevel'}, {'type': 'Digits'}]}",
                "ByteLevel must be the last step");
        step("'pre_tokenizer': {'type': 'Metaspace', 'prepend_scheme': 'last'}", "got last");
        step("'post_processor': {'type': 'BertProcessing'}", "got BertProcessing");
        step("'post_processor': {'type': 'TemplateProcessing', 'single': []}", "got none");
        step("'decoder': {'type': 'WordPiece'}", "decoder: type must be ByteLevel");
        step("'decoder': {'type': 'Strip', 'content': 'ab', 'start': 1, 'stop': 0}", "must be one letter; got 'ab'");
        step("'added_tokens': [{'id': -1, 'content': 'x'}]", "id must be from 0");
    }

    private static void step(String member, String message) {
        refused("{'model': " + MODEL + ", " + member + "}", message);
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("tokenizer.json: ")
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    private static Tokenizer read(String json) {
        return Tokenizer.fromJson(bytes(json));
    }

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
