package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DividedTextTest {
    @TempDir
    private Path folder;

    @Test
    void theEndOfEveryTextIsHeldOut() throws IOException {
        SmallTokenizer.train(folder, 300);
        Path first = Files.writeString(folder.resolve("first.txt"), "a b c d e f g h i j ".repeat(10));
        Path second = Files.writeString(folder.resolve("second.txt"), "0 1 2 3 4 5 6 7 8 9 ".repeat(20));
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            ModelConfig model = ModelConfig.llama(tokenizer.vocabulary(), 8, 1, 1, 16);
            Corpus one = Corpus.read(List.of(first), tokenizer, model);
            Corpus two = Corpus.read(List.of(second), tokenizer, model);

            DividedText divided = DividedText.read(List.of(first, second), tokenizer, model, 0.1);

            assertThat(divided.training().tokens()).isEqualTo(join(one.first(0.9), two.first(0.9)));
            assertThat(divided.heldOut().tokens()).isEqualTo(join(one.last(0.1), two.last(0.1)));
            assertThat(divided.training().digest())
                    .isNotEqualTo(divided.heldOut().digest());
        }
    }

    @Test
    void aTokenizerSeesTheBeginningsOnly() throws IOException {
        Path first = Files.writeString(folder.resolve("first.txt"), "0123456789");
        Path pair =
                Files.writeString(folder.resolve("pair.txt"), "ab\uD83D\uDE00"); // 4 chars, the last two one code point

        assertThat(DividedText.beginnings(List.of(first, pair), 0.25)).containsExactly("0123456", "ab");
    }

    private static int[] join(Corpus a, Corpus b) {
        return IntStream.concat(IntStream.of(a.tokens()), IntStream.of(b.tokens()))
                .toArray();
    }
}
