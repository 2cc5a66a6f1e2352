package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokenizers of the runtime give the ids and texts of Hugging Face's library. */
class TokenizerEqualityTest {
    private static final Map<String, byte[]> VARIANTS =
            TokenizerVariants.all(SmallTokenizer.TEXT.repeat(2) + VariedText.of(new Random(1), 3000));

    private static final int LETTERS = Integer.getInteger("lapidary.test.letters", 100_000); // of every file

    @TempDir
    private Path folder;

    static Stream<String> variants() {
        return VARIANTS.keySet().stream();
    }

    private TextTokenizer library(String variant) throws IOException {
        Files.write(folder.resolve("tokenizer.json"), Objects.requireNonNull(VARIANTS.get(variant)));
        return TextTokenizer.openInLibrary(folder);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void variedTextsHaveTheLibrarysTokens(String variant) throws IOException {
        Tokenizer tokenizer = Tokenizer.fromJson(Objects.requireNonNull(VARIANTS.get(variant)));
        try (TextTokenizer library = library(variant)) {
            Random random = new Random(variant.hashCode());
            for (int i = 0; i < 400; i++) {
                String text = VariedText.of(random, 1 + random.nextInt(60));
                int[] ids = library.encode(text);
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
                assertThat(tokenizer.encodePlain(text)).as(text).isEqualTo(library.encodePlain(text));
                assertThat(tokenizer.decode(ids, false)).isEqualTo(library.decode(ids, false));
                assertThat(tokenizer.decode(ids, true)).isEqualTo(library.decode(ids, true));
            }
            assertThat(tokenizer.encode("")).isEqualTo(library.encode(""));
            assertThat(tokenizer.vocabulary()).isEqualTo(library.vocabulary());
            assertThat(tokenizer.addsBos()).isEqualTo(library.addsBos());
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void anyIdsHaveTheLibrarysText(String variant) throws IOException {
        Tokenizer tokenizer = Tokenizer.fromJson(Objects.requireNonNull(VARIANTS.get(variant)));
        try (TextTokenizer library = library(variant)) {
            Random random = new Random(7);
            for (int i = 0; i < 400; i++) {
                int[] ids = random.ints(random.nextInt(40), 0, random.nextInt(2) == 0 ? 270 : library.vocabulary() + 9)
                        .toArray();
                assertThat(tokenizer.decode(ids, i % 2 == 0)).isEqualTo(library.decode(ids, i % 2 == 0));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void longTextsHaveTheLibrarysTokens(String variant) throws IOException {
        Tokenizer tokenizer = Tokenizer.fromJson(Objects.requireNonNull(VARIANTS.get(variant)));
        try (TextTokenizer library = library(variant)) {
            for (String text : List.of(
                    VariedText.of(new Random(2), 5000),
                    " ".repeat(20_000) + "x",
                    "\n".repeat(20_000),
                    "a".repeat(20_000),
                    "the ".repeat(5000),
                    "12".repeat(10_000),
                    "!?".repeat(10_000),
                    "東京".repeat(5000),
                    "🙂".repeat(5000))) {
                assertThat(tokenizer.encodePlain(text)).isEqualTo(library.encodePlain(text));
            }
        }
    }

    @Test
    void halfASurrogatePairIsAReplacementCharacter() {
        Tokenizer tokenizer = Tokenizer.fromJson(Objects.requireNonNull(VARIANTS.get("gpt2")));

        assertThat(tokenizer.encode("a\ud83d b\ude42\ud83d")).isEqualTo(tokenizer.encode("a\ufffd b\ufffd\ufffd"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama3", "qwen2", "tinyllama", "metaspace-first"})
    void booksAndNewsHaveTheLibrarysTokens(String variant) throws IOException {
        String given = System.getenv("LAPIDARY_DATA");
        assumeThat(given)
                .as("LAPIDARY_DATA must name a folder of .txt or .csv files (any texts; CONTRIBUTING.md lists ours)")
                .isNotNull();
        Path data = Path.of(Objects.requireNonNull(given));
        Tokenizer tokenizer = Tokenizer.fromJson(Objects.requireNonNull(VARIANTS.get(variant)));
        try (TextTokenizer library = library(variant);
                Stream<Path> files = Files.list(data)) {
            for (Path file :
                    files.filter(f -> f.toString().matches(".*\\.(txt|csv)")).toList()) {
                String all = Files.readString(file);
                String text = all.substring(0, Math.min(LETTERS, all.length()));
                int[] ids = library.encodePlain(text);

                assertThat(tokenizer.encodePlain(text)).as(file.toString()).isEqualTo(ids);
                assertThat(tokenizer.decode(ids, false)).as(file.toString()).isEqualTo(library.decode(ids, false));
            }
        }
    }
}
