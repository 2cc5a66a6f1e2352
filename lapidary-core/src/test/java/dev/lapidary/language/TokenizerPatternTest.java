package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Patterns in Oniguruma's syntax cut as in Hugging Face's library, or are refused. */
class TokenizerPatternTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] PLAIN =
            Objects.requireNonNull(TokenizerVariants.all(SmallTokenizer.TEXT).get("gpt4o"));
    private static final List<String> ATOMS = List.of(
            "a",
            "b",
            " ",
            "\\n",
            "\\r",
            "'",
            "\\.",
            "\\s",
            "\\S",
            "\\d",
            "\\p{L}",
            "\\p{^L}",
            "\\P{N}",
            "\\p{lu}",
            "\\p{Han}",
            ".",
            "[a-c]",
            "[^\\s\\p{L}]",
            "[^\\r\\n]",
            "[\\-a\\]x]",
            "[.$^]",
            "\\x41",
            "\\u00e9",
            "\\v",
            "\\t",
            "(?i:k)",
            "é",
            "🙂");
    private static final List<String> PLACES = List.of("^", "$", "\\A", "\\z", "\\Z");
    private static final List<String> REPEATS = List.of(
            "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,3}", "{,2}", "{1,}", "{1,2}+", "{1,3}?");
    private static final List<String> PIECES = List.of(
            "a", "b", "ab", "abc", "B", "A", "é", "kK", "\u212a", " ", "  ", "\n", "\n\n", "\r\n", "\r", "\u2028",
            "\u0085", "\t", "\u000b", "1", "12", ".", "'", "-", "x]", "$^", "東京", "🙂", "");

    @TempDir
    private Path folder;

    private static byte[] cutBy(String regex, String behavior) {
        ObjectNode root = (ObjectNode) JSON.readTree(PLAIN);
        JsonNode split = root.path("pre_tokenizer").path("pretokenizers").path(0);
        ((ObjectNode) split).put("behavior", behavior).put("invert", false);
        ((ObjectNode) split.path("pattern")).put("Regex", regex);
        return JSON.writeValueAsBytes(root);
    }

    private void requireSame(byte[] json, String regex, List<String> texts) throws IOException {
        Tokenizer own = Tokenizer.fromJson(json);
        Files.write(folder.resolve(TextTokenizer.FILE), json);
        try (TextTokenizer library = TextTokenizer.openInLibrary(folder)) {
            for (String text : texts) {
                assertThat(own.encodePlain(text)).as("%s on %s", regex, text).isEqualTo(library.encodePlain(text));
            }
        }
    }

    private static List<String> texts(Random random, int count) {
        return random.ints(count, 0, 1 << 20)
                .mapToObj(seed -> {
                    Random pieces = new Random(seed);
                    StringBuilder text = new StringBuilder();
                    for (int i = pieces.nextInt(14); i >= 0; i--) {
                        text.append(PIECES.get(pieces.nextInt(PIECES.size())));
                    }
                    return text.toString();
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\s+$",
                "^\\s+",
                ".+",
                "^",
                "$",
                "\\s*$",
                "[^\\n]*\\n",
                "\\p{N}{1,3}+",
                "a{,2}b",
                "(?:^| )a",
                "(?<=\\n)[a-c]+",
                "(?<!a)b",
                "(?>a|ab)c",
                "\\x41|\\u00e9",
                "[\\w-[a]]|a",
                "(?i)ab|c",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                "a*",
                "🙂*",
            })
    void aPatternCutsAsInTheLibraryOrIsRefused(String regex) throws IOException {
        for (String behavior : List.of("Isolated", "Contiguous", "MergedWithPrevious")) {
            byte[] json = cutBy(regex, behavior);
            if (regex.contains("\\w")) {
                assertThatThrownBy(() -> Tokenizer.fromJson(json)).isInstanceOf(InputException.class);
            } else {
                requireSame(json, regex, texts(new Random(5), 60));
            }
        }
    }

    @Test
    void generatedPatternsCutAsInTheLibrary() throws IOException {
        Random random = new Random(Long.getLong("lapidary.test.seed", 11));
        int most = Integer.getInteger("lapidary.test.patterns", 150);
        int compared = 0;
        for (int i = 0; i < most; i++) {
            String regex = pattern(random, 2);
            List<String> texts = texts(random, 20);
            if (isRead(cutBy(regex, "Isolated"))) {
                compared++;
                requireSame(cutBy(regex, "Isolated"), regex, texts);
            }
        }
        assertThat(compared).isGreaterThan(most * 3 / 4);
    }

    /** Whether the library reads a file; it refuses to repeat a group of places. */
    private boolean isRead(byte[] json) throws IOException {
        Files.write(folder.resolve(TextTokenizer.FILE), json);
        try (TextTokenizer library = TextTokenizer.openInLibrary(folder)) {
            return library.vocabulary() > 0;
        } catch (InputException refused) {
            assertThat(refused).hasMessageContaining("target of repeat operator is invalid");
            return false;
        }
    }

    private static String pattern(Random random, int depth) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i <= random.nextInt(3); i++) {
            if (random.nextInt(6) == 0) {
                regex.append(pick(random, PLACES));
            } else if (depth > 0 && random.nextInt(4) == 0) {
                String open = pick(random, List.of("(", "(?:", "(?=", "(?!", "(?>"));
                String inner = pattern(random, depth - 1) + (random.nextBoolean() ? "|" + pattern(random, 0) : "");
                boolean repeats = !open.contains("=") && !open.contains("!") && random.nextInt(3) == 0;
                regex.append(open)
                        .append(inner)
                        .append(')')
                        .append(repeats ? pick(random, List.of("+", "?", "{1,2}")) : "");
            } else {
                regex.append(pick(random, ATOMS)).append(random.nextInt(2) == 0 ? pick(random, REPEATS) : "");
            }
        }
        return regex.toString();
    }

    private static String pick(Random random, List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\w+",
                "(?i)i",
                "(?i)[xI]",
                "(?i)[a-z]+",
                "(?i)(?:s)s",
                "[\\d-z]",
                "[a-c-z]",
                "\\bx",
                "a\\h",
                "\\R",
                "\\X",
                "\\G",
                "(a)\\1",
                "\\k<n>",
                "(?<n>a)",
                "(?m:a)",
                "(?x: a)",
                "a(?i)b",
                "a{2}?",
                "a**",
                "^*",
                "[a[b]]",
                "[a&&b]",
                "[[:alpha:]]",
                "[]a]",
                "\\p{Alpha}",
                "\\p{Cn}",
                "\\pL",
                "(?i:ss)",
                "(?i:fi)",
                "(?i:\\p{Lu})",
                "(?i:[^a])",
                "\\xff",
                "a{2000}",
                "(a",
                "a)",
                "[a",
                "*a",
                "a\\",
            })
    void whatIsNotKnownToMeanTheSameIsRefused(String regex) {
        assertThatThrownBy(() -> Tokenizer.fromJson(cutBy(regex, "Isolated")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a regular expression");
    }

    @Test
    void aPatternIsBounded() {
        assertThatThrownBy(() -> Tokenizer.fromJson(cutBy("(".repeat(60) + "a" + ")".repeat(60), "Isolated")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("groups more than 40 deep");
        assertThatThrownBy(() -> Tokenizer.fromJson(cutBy("a".repeat(20_000), "Isolated")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at most 10000 letters");
    }

    @Test
    void aPatternThatBacktracksTooMuchEnds() {
        Tokenizer tokenizer = Tokenizer.fromJson(cutBy("(.*)(.*)(.*)(.*)z", "Isolated"));
        assertThat(tokenizer.encodePlain("ab az")).isNotEmpty();
        assertThatThrownBy(() -> tokenizer.encodePlain("a".repeat(1000)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be an expression that does not backtrack so much");
    }

    @Test
    void aLongSearchHearsOfACancellation() {
        Tokenizer tokenizer = Tokenizer.fromJson(cutBy("(.*)(.*)(.*)(.*)z", "Isolated"));
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        assertThatThrownBy(() -> tokenizer.encode("a".repeat(1000), cancelled))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void aFolderHasTheTokensOfItsPackedFile() throws IOException {
        byte[] json = cutBy("\\s+$", "Isolated");
        Files.write(folder.resolve(TextTokenizer.FILE), json);
        String text = "a \n b  \n\n c ";
        try (TextTokenizer opened = TextTokenizer.open(folder)) {
            assertThat(opened.encode(text)).isEqualTo(Tokenizer.fromJson(json).encode(text));
        }
    }

    @Test
    void nestingThatEndsTheLibrarysProcessIsRefused() throws IOException {
        String decoder = "{\"type\":\"Sequence\",\"decoders\":[".repeat(70) + "{\"type\":\"Fuse\"}" + "]}".repeat(70);
        String json = new String(PLAIN, StandardCharsets.UTF_8)
                .replaceFirst("\"decoder\":\\{[^}]*}", "\"decoder\":" + decoder.replace("$", ""));
        assertThat(json).contains("Fuse");
        Files.writeString(folder.resolve(TextTokenizer.FILE), json);
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nested at most 100 deep");
    }
}
