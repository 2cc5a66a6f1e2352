package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void train() throws IOException {
        SmallTokenizer.train(folder, 300);
    }

    @Test
    void aTokenizerThatAddsNothingEncodesPlainly() {
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.addsBos()).isFalse();
            assertThat(tokenizer.bos()).isEmpty();
            assertThat(tokenizer.eos()).isEmpty();
            assertThat(tokenizer.encode("sea")).isEqualTo(tokenizer.encodePlain("sea"));
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.vocabulary()).isEqualTo(300);
        }
    }

    @Test
    void aBeginningThatTheTokenizerAddsComesOnce() throws IOException {
        SmallTokenizer.addBos(folder);
        try (var tokenizer = TextTokenizer.open(folder)) {
            int[] plain = tokenizer.encodePlain("sea");

            assertThat(tokenizer.addsBos()).isTrue();
            assertThat(tokenizer.bos()).hasValue(0);
            assertThat(tokenizer.encode("sea"))
                    .startsWith(0)
                    .hasSize(plain.length + 1)
                    .endsWith(plain);
            assertThat(tokenizer.encode("")).containsExactly(0);
        }
    }

    @Test
    void theEndsOfATextComeFromTheFirstFileThatNamesThem() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": {\"content\": \"<|endoftext|>\"}, \"eos_token\": \"he\"}");
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.bos()).hasValue(0);
            assertThat(tokenizer.eos()).hasValue(tokenizer.encode("he")[0]);
        }
        Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": 5, \"eos_token_id\": 7}");
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.bos()).hasValue(0);
            assertThat(tokenizer.ends()).containsExactly(7);
        }
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [9, 0]}");
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.ends()).containsExactly(9, 0);
            assertThat(tokenizer.eos()).hasValue(9);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "config.json            | bos_token_id | 4000       | 4000",
                "config.json            | bos_token_id | -1         | -1",
                "config.json            | bos_token_id | [5]        | [5]",
                "config.json            | eos_token_id | \"</s>\" | \"</s>\"",
                "config.json            | eos_token_id | true       | true",
                "config.json            | eos_token_id | 4294967296 | 4294967296",
                "generation_config.json | eos_token_id | [9, -1]    | -1",
                "generation_config.json | eos_token_id | [9, 4000]  | 4000",
                "generation_config.json | eos_token_id | [[9]]      | [9]",
                "generation_config.json | eos_token_id | 7.5        | 7.5",
            })
    void anIdThatIsNoneIsRefused(String file, String key, String value, String got) throws IOException {
        Files.writeString(folder.resolve(file), "{\"" + key + "\": " + value + "}");
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(InputException.class)
                .message()
                .startsWith(folder.resolve(file) + ": " + key + " must be a token's id, a whole number from 0 to ")
                .endsWith("; got " + got)
                .hasLineCount(1);
    }

    @Test
    void anEndInARowOfTheModelThatNoTokenHasIsLeftOut() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"vocab_size\": 4001, \"bos_token_id\": 4000}");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [9, 4000]}");
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.bos()).isEmpty();
            assertThat(tokenizer.ends()).containsExactly(9);
        }
    }

    @Test
    void noIdsMayBeNamed() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": null, \"eos_token_id\": null}");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": []}");
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.bos()).isEmpty();
            assertThat(tokenizer.ends()).isEmpty();
        }
    }

    @Test
    void aLongestLengthAndPaddingInTheFileDoNotCount() throws IOException {
        SmallTokenizer.edit(folder, root -> {
            root.putObject("truncation")
                    .put("direction", "Right")
                    .put("max_length", 4)
                    .put("strategy", "LongestFirst")
                    .put("stride", 0);
            root.putObject("padding")
                    .put("direction", "Right")
                    .put("pad_id", 3)
                    .put("pad_type_id", 0)
                    .put("pad_token", "!")
                    .putNull("pad_to_multiple_of")
                    .putObject("strategy")
                    .put("Fixed", 64);
        });
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.decode(tokenizer.encode(SmallTokenizer.TEXT))).isEqualTo(SmallTokenizer.TEXT);
        }
    }

    @Test
    void piecesOfALongTextGiveTheTokensOfTheWhole() {
        Random random = new Random(3);
        String letters = "she  \n\n\nsells, <|endoftext|> ' s\r\t1 2;ü🙂\n";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(letters.charAt(random.nextInt(letters.length() - 4)));
            if (random.nextInt(9) == 0) {
                text.append("a\nb<|endoftext|>\n🙂\n\u00a0\nx");
            }
        }
        try (var tokenizer = LibraryTokens.open(folder.resolve(TextTokenizer.FILE), true)) {
            int[] whole = tokenizer.encodePlain(text.toString(), Integer.MAX_VALUE);

            for (int piece : new int[] {1, 7, 100, 4096}) {
                assertThat(tokenizer.encodePlain(text.toString(), piece)).isEqualTo(whole);
            }
            assertThat(Arrays.stream(whole).filter(id -> id == 0).count()).isGreaterThan(1000);
        }
    }

    @Test
    void textsThatCouldEndTheProcessAreRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("words.json"), """
                {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null, "decoder": null,
                 "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a*[bc]"}, "behavior": "Isolated", "invert": false},
                 "model": {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "aac": 1}}}
                """);
        try (var tokenizer = LibraryTokens.open(file, false)) {
            assertThat(tokenizer.encodePlain("aacaac", Cancellation.none())).containsExactly(1, 1);
            String text = "c".repeat(tokenizer.longestText() + 1);

            assertThat(tokenizer.longestText()).isBetween(1_000_000, 5_000_000);
            assertThatThrownBy(() -> tokenizer.encodePlain(text, Cancellation.none()))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("a text must have at most " + tokenizer.longestText() + " letters");
        }
    }

    @Test
    void aTextWithoutAPlaceToCutStaysWhole() {
        String text = "she ".repeat(500);

        assertThat(TextPieces.end(text, 0, 10)).isEqualTo(text.length());
        assertThat(TextPieces.end("a\nb  \nc\n\nd.\ne", 0, 3)).isEqualTo(12);
    }

    @Test
    void specialTokensMayBeLeftOut() {
        try (var tokenizer = TextTokenizer.open(folder)) {
            int[] ids = tokenizer.encode("sea<|endoftext|>she");

            assertThat(ids).contains(0);
            assertThat(tokenizer.decode(ids)).isEqualTo("sea<|endoftext|>she");
            assertThat(tokenizer.decode(ids, true)).isEqualTo("seashe");
            assertThat(tokenizer.decode(new int[] {70, 100_000})).isEqualTo(tokenizer.decode(new int[] {70}));
        }
    }

    @Test
    void refusesWhatIsNoTokenizer() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertRefused(empty, "must have a tokenizer.json; got one without");
        assertRefused(folder.resolve("none"), "got no folder");
        Files.writeString(empty.resolve("tokenizer.json"), "{\"model\"");
        assertRefused(empty, "must be JSON");
        Files.writeString(empty.resolve("tokenizer.json"), "[]");
        assertRefused(empty, "must be a JSON object");
        Files.writeString(empty.resolve("tokenizer.json"), "{}");
        assertRefused(empty, "must have tokens in model.vocab");
        Files.writeString(empty.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}}");
        assertRefused(empty, "id must be a whole number");
        Files.writeString(empty.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Odd\", \"vocab\": {\"a\": 0}}}");
        assertRefused(empty, "unk_token must be in the vocabulary");
    }

    @Test
    void aModelWithoutRowsForTheTokensIsRefused() {
        try (var tokenizer = TextTokenizer.open(folder)) {
            tokenizer.requireFits(300);
            assertThatThrownBy(() -> tokenizer.requireFits(299))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got 300 tokens and 299 rows");
        }
    }

    private static void assertRefused(Path folder, String message) {
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true  | GPT2Tokenizer      | true",
                "false | GPT2Tokenizer      | false",
                "null  | GPT2Tokenizer      | false",
                "true  | LlamaTokenizerFast | true",
                "false | LlamaTokenizerFast | false",
                "null  | LlamaTokenizerFast | true",
                "null  | LlamaTokenizer     | true",
            })
    void theConfigSaysWhetherTheBeginningIsPut(String adds, String name, boolean expected) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<|endoftext|>\", \"add_bos_token\": " + adds + ", \"tokenizer_class\": \"" + name
                        + "\"}");
        for (boolean template : List.of(false, true)) {
            if (template) {
                SmallTokenizer.addBos(folder);
            }
            boolean own = adds.equals("null") && name.startsWith("GPT2"); // then the template counts
            try (var tokenizer = TextTokenizer.open(folder)) {
                assertThat(tokenizer.addsBos()).isEqualTo(own ? template : expected);
                assertThat(tokenizer.encode("").length).isEqualTo((own ? template : expected) ? 1 : 0);
            }
        }
    }

    @Test
    void aBeginningThatIsNoneIsRefused() throws IOException {
        Path file = folder.resolve("tokenizer_config.json");
        Files.writeString(file, "{\"add_bos_token\": true}");
        assertRefused(folder, file + ": add_bos_token must come with a bos_token that the tokenizer has; got none");
        Files.writeString(file, "{\"add_bos_token\": 1}");
        assertRefused(folder, file + ": add_bos_token must be true or false; got NUMBER");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "-9223372036854775809", "4294967296", "1.5E300", "\"7\"", "null"})
    void anIdOfATokenThatIsNoneIsRefused(String id) throws IOException {
        for (String json : List.of(
                "{\"model\": {\"type\": \"BPE\", \"merges\": [], \"vocab\": {\"a\": 0, \"b\": " + id + "}}}",
                "{\"added_tokens\": [{\"id\": " + id + ", \"content\": \"b\"}],"
                        + " \"model\": {\"type\": \"BPE\", \"merges\": [], \"vocab\": {\"a\": 0}}}")) {
            Files.writeString(folder.resolve(TextTokenizer.FILE), json);
            assertRefused(folder, "a token's id must be a whole number from 0 to 16777216; got " + id);
        }
    }
}
