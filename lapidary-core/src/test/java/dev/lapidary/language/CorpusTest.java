package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    @TempDir
    private Path folder;

    private TextTokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        SmallTokenizer.train(folder, 300);
        SmallTokenizer.addBos(folder);
        tokenizer = TextTokenizer.open(folder);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void filesAreReadVerbatimButForTheirMarks() throws IOException {
        Path first = Files.writeString(folder.resolve("1.txt"), "\ufeffShe sells\r\nsea ");
        Path second = Files.writeString(folder.resolve("2.txt"), "");
        Path third = Files.writeString(folder.resolve("3.txt"), "\ufeffshells\ufeff\n");

        Corpus corpus = Corpus.read(List.of(first, second, third), tokenizer, 300);

        assertThat(corpus.tokens()).containsExactly(tokenizer.encode("She sells\r\nsea shells\ufeff\n"));
        assertThat(corpus.digest())
                .isEqualTo(Corpus.read(List.of(first, third), tokenizer, 300).digest())
                .isNotEqualTo(Corpus.read(List.of(third, first), tokenizer, 300).digest());
    }

    @Test
    void firstAndLastPartAreTheWhole() {
        for (int length : new int[] {1, 7, 10, 333, 1000}) {
            var corpus = new Corpus(IntStream.range(0, length).toArray(), "digest");
            for (double holdout : new double[] {0, 0.1, 0.25, 0.3, 1.0 / 3, 0.5, 1}) {
                Corpus train = corpus.first(1 - holdout);
                Corpus held = corpus.last(holdout);

                assertThat(IntStream.concat(IntStream.of(train.tokens()), IntStream.of(held.tokens()))
                                .toArray())
                        .containsExactly(corpus.tokens());
                assertThat(held.tokens().length)
                        .isCloseTo((int) Math.round(length * holdout), org.assertj.core.data.Offset.offset(1));
                assertThat(train.digest()).isNotEqualTo(held.digest());
            }
        }
    }

    @Test
    void refusesWhatIsNoText() throws IOException {
        Path bad = Files.write(folder.resolve("bad.txt"), new byte[] {'a', 'b', (byte) 0xc3, '('});
        Path cut = Files.write(folder.resolve("cut.txt"), new byte[] {'a', (byte) 0xe6, (byte) 0x9d});
        Path empty = Files.writeString(folder.resolve("empty.txt"), "");

        assertRefused(bad, "got byte 0xC3 at byte offset 2");
        assertRefused(cut, "got byte 0xE6 at byte offset 1");
        assertRefused(empty, "must have some text");
        assertRefused(folder, "got a folder");
        assertRefused(folder.resolve("none.txt"), "got nothing at this path");
    }

    @Test
    void refusesATokenWithoutARow() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "sea");

        assertThatThrownBy(() -> Corpus.read(List.of(text), tokenizer, 299))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 300 tokens and 299 rows");
    }

    @Test
    void anAddedTokenWithoutARowIsRefusedOnlyInTheText() throws IOException {
        SmallTokenizer.edit(
                folder,
                root -> ((tools.jackson.databind.node.ArrayNode) root.path("added_tokens"))
                        .addObject()
                        .put("id", 300)
                        .put("content", "<pad>")
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", true));
        Path without = Files.writeString(folder.resolve("without.txt"), "sea");
        Path with = Files.writeString(folder.resolve("with.txt"), "sea<pad>");
        try (var padded = TextTokenizer.open(folder)) {
            assertThat(padded.vocabulary()).isEqualTo(301);
            assertThat(Corpus.read(List.of(without), padded, 300).tokens()).isNotEmpty();
            assertThatThrownBy(() -> Corpus.read(List.of(with), padded, 300))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got token 300 (<pad>) and 300 rows");
        }
    }

    private void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> Corpus.read(List.of(file), tokenizer, 300))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theMarkOfAnotherEncodingIsRefused() throws IOException {
        for (byte[] mark : new byte[][] {{(byte) 0xff, (byte) 0xfe, 'a', 0}, {(byte) 0xfe, (byte) 0xff, 0, 'a'}}) {
            Path file = Files.write(folder.resolve("utf16.txt"), mark);
            assertThatThrownBy(() -> Corpus.text(List.of(file)))
                    .isInstanceOf(InputException.class)
                    .hasMessage(file + ": text must be UTF-8; got the byte order mark of UTF-16");
        }
        Path only = Files.writeString(folder.resolve("mark.txt"), "\ufeff");
        assertThatThrownBy(() -> Corpus.text(List.of(only))).hasMessageContaining("must have some text");
    }
}
