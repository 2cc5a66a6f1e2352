package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.generate.TokenText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenTextTest {
    @TempDir
    private Path folder;

    @Test
    void piecesAreWholeCharacters() throws IOException {
        SmallTokenizer.train(folder, 257); // a token is a byte
        String text = "ab 東京 🙂é\ufffd!";
        try (var tokenizer = TextTokenizer.open(folder)) {
            var tokens = new TokenText(part -> tokenizer.decode(part, true), tokenizer.encode("She sells"));
            List<String> pieces = new ArrayList<>();
            for (int id : tokenizer.encode(text)) {
                pieces.add(tokens.add(id));
            }

            assertThat(pieces).hasSize(text.getBytes(StandardCharsets.UTF_8).length);
            assertThat(pieces.stream().filter(piece -> !piece.isEmpty()))
                    .containsExactly("a", "b", " ", "東", "京", " ", "🙂", "é", "\ufffd!");
            assertThat(tokens.end()).isEmpty();
        }
    }

    @Test
    void aBrokenCharacterBecomesTheReplacementAtTheEndOrWhenTextFollows() throws IOException {
        SmallTokenizer.train(folder, 257);
        try (var tokenizer = TextTokenizer.open(folder)) {
            int[] bytes = tokenizer.encode("東a");
            var tokens = new TokenText(part -> tokenizer.decode(part, true), new int[0]);

            assertThat(tokens.add(bytes[0])).isEmpty();
            assertThat(tokens.add(bytes[1])).isEmpty();
            assertThat(tokens.add(bytes[3])).isEqualTo("\ufffda");
            assertThat(tokens.add(bytes[0])).isEmpty();
            assertThat(tokens.end()).isEqualTo("\ufffd");
            var noUtf8 = new TokenText(part -> tokenizer.decode(part, true), new int[0]);
            for (int i = 0; i < 15; i++) {
                assertThat(noUtf8.add(bytes[1])).isEmpty();
            }
            assertThat(noUtf8.add(bytes[1])).isEqualTo("\ufffd".repeat(16)); // not waited for longer
        }
    }

    /** As SentencePiece's byte fallback does: a row of bytes that is no UTF-8 becomes one U+FFFD for each. */
    private static String strictly(int[] bytes) {
        byte[] row = new byte[bytes.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (byte) bytes[i];
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(row))
                    .toString();
        } catch (CharacterCodingException e) {
            return "\ufffd".repeat(row.length);
        }
    }

    private static int[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 255).toArray();
    }

    @ParameterizedTest
    @CsvSource({"a😀😀, 😀ab", "東京日本語, 日本語ab", "aé日é, é日b"})
    void aPromptOfByteTokensIsNotCutWithinACharacter(String prompt, String continuation) {
        var tokens = new TokenText(TokenTextTest::strictly, bytes(prompt));
        var text = new StringBuilder();
        for (int token : bytes(continuation)) {
            text.append(tokens.add(token));
        }

        assertThat(text.append(tokens.end())).hasToString(continuation);
    }

    @Test
    void aDecoderThatDropsTheFirstSpaceKeepsThatOfLaterTokens() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": false,
                  "rstrip": false, "normalized": false, "special": true}],
                 "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
                  {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
                 "pre_tokenizer": null, "post_processor": null,
                 "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                  {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
                 "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                  "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true,
                  "vocab": {"<s>": 0, "▁": 1, "a": 2, "b": 3, "▁a": 4, "▁b": 5, "<0xC3>": 6, "<0xA9>": 7},
                  "merges": ["▁ a", "▁ b"]}}
                """);
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.encode("a b")).containsExactly(4, 5);
            var tokens = new TokenText(part -> tokenizer.decode(part, true), new int[] {4});

            assertThat(tokens.add(5)).isEqualTo(" b");
            assertThat(tokens.add(0)).isEmpty();
            assertThat(tokens.add(2)).isEqualTo("a");
            assertThat(tokens.add(6)).isEmpty();
            assertThat(tokens.add(7)).isEqualTo("é");
            assertThat(tokens.add(4)).isEqualTo(" a");
        }
    }
}
