package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BytePairTrainerTest {
    @TempDir
    private Path folder;

    @Test
    void learnsTheMergesOfSennrichsExample() {
        List<String> texts = new ArrayList<>();
        texts.addAll(Collections.nCopies(5, "low"));
        texts.addAll(Collections.nCopies(2, "lower"));
        texts.addAll(Collections.nCopies(6, "newest"));
        texts.addAll(Collections.nCopies(3, "widest"));

        var learned = BytePairTrainer.learn(texts, 4096, Progress.silent());

        // most frequent first, of equally frequent pairs the one with the smaller tokens; no pair occurs twice at the
        // end
        assertThat(merges(learned))
                .containsExactly(
                        "e s", "es t", "l o", "lo w", "e w", "n ew", "new est", "d est", "i dest", "w idest", "e r",
                        "low er");
        assertThat(learned.tokens())
                .hasSize(257 + 12)
                .startsWith("<|endoftext|>", "!", "\"")
                .endsWith("er", "lower");
    }

    @Test
    void learnsWhatHuggingFacesTrainerLearns() throws IOException {
        SmallTokenizer.train(folder, 320);

        JsonNode model = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("tokenizer.json")))
                .path("model");

        // tokenizers 0.23.2 with BpeTrainer(vocab_size=320, min_frequency=2) and ByteLevel(add_prefix_space=False)
        String expected = """
                Ġ s|h e|l l|Ġs e|ll s|Ġs he|Ã ¼|r e|Ġse a|Ġshe lls|Ġ Ã¼|ĠÃ¼ b|e r|± ä|º ¬|æ Ŀ|ð Ł|Ļ Ĥ|Ġse lls|ĠÃ¼b er|±ä º¬|\
                æĿ ±äº¬|ðŁ ĻĤ|t he|' m|1 2|3 4|a re|b y|e n|g en|h o|n gen|u re|u ngen|Ġ æĿ±äº¬|Ġ ðŁĻĤ|Ġ the|Ġ 12|Ġ 34|Ġ are|\
                Ġ by|Ġs ho|Ġs ure|Ã¼ r|ĠÃ¼ber s|ĠæĿ±äº¬ æĿ±äº¬|ĠðŁĻĤ ðŁĻĤ|Ġ34 5|Ġsho re""";
        List<String> merges = new ArrayList<>();
        model.path("merges").forEach(merge -> merges.add(merge.stringValue()));
        assertThat(merges).containsExactly(expected.split("\\|"));
        assertThat(model.path("vocab").size()).isEqualTo(307);
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.encode("the shells, übers\t 東 sure"))
                    .containsExactly(280, 266, 12, 302, 198, 221, 272, 110, 300);
        }
    }

    @Test
    void noTokenIsThereTwice() {
        List<String> texts = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 400; i++) {
            StringBuilder word = new StringBuilder();
            for (int k = 0; k < 8; k++) {
                word.append("ab".charAt(random.nextInt(2)));
            }
            texts.add(word.toString());
        }

        var learned = BytePairTrainer.learn(texts, 600, Progress.silent());

        assertThat(learned.merges().size())
                .isGreaterThanOrEqualTo(learned.tokens().size() - 257)
                .isGreaterThan(150);
        assertThat(learned.tokens()).doesNotHaveDuplicates();
    }

    @Test
    void idsAreContiguousAndTheSameEveryTime() throws IOException {
        Path again = folder.resolve("again");
        SmallTokenizer.train(folder, 300);
        SmallTokenizer.train(again, 300);

        String json = Files.readString(folder.resolve("tokenizer.json"));

        assertThat(Files.readString(again.resolve("tokenizer.json"))).isEqualTo(json);
        List<Integer> ids = new ArrayList<>();
        JsonMapper.shared().readTree(json).path("model").path("vocab").forEach(id -> ids.add(id.intValue()));
        assertThat(ids).hasSize(300).isSorted().startsWith(0).endsWith(299).doesNotHaveDuplicates();
    }

    @Test
    void encodingIsThePlainApplicationOfTheMerges() throws IOException {
        SmallTokenizer.train(folder, 320);
        var learned = BytePairTrainer.learn(
                List.of(SmallTokenizer.TEXT, SmallTokenizer.TEXT.toLowerCase(java.util.Locale.ROOT)),
                320,
                Progress.silent());
        try (var tokenizer = TextTokenizer.open(folder)) {
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                String text = randomText(random);

                assertThat(tokenizer.encodePlain(text)).as(text).containsExactly(plain(text, learned));
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void anythingInUtf8ComesBack() throws IOException {
        SmallTokenizer.train(folder, 280);
        try (var tokenizer = TextTokenizer.open(folder)) {
            for (String text : List.of(
                    "",
                    "   \t\r\n  \n\n",
                    "\u0000\u0001\u007f\u0085\u00a0\u2028\ufeff",
                    "public static void main(String[] args) { int x = a[i]++ << 3; } // ünïcode\n\t\treturn;\n",
                    "👩‍👩‍👧‍👦🏳️‍🌈 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 日本語のテキスト 한국어 العربية",
                    "a".repeat(5000) + " ".repeat(3000))) {
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void aTextTooShortForTheVocabularyGivesFewerTokens() {
        Path file = folder.resolve("tokenizer.json");

        assertThat(BytePairTrainer.train(List.of("a"), 4096, file, Progress.silent()))
                .isEqualTo(257);
        assertThat(BytePairTrainer.train(List.of("abab"), 4096, file, Progress.silent()))
                .isEqualTo(258);
        try (var tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.vocabulary()).isEqualTo(258);
            assertThat(tokenizer.encode("abab")).containsExactly(257, 257);
        }
    }

    @Test
    void refusesNoTextAndAVocabularyWithoutTheBytes() {
        Path file = folder.resolve("tokenizer.json");

        assertThatThrownBy(() -> BytePairTrainer.train(List.of(""), 300, file, Progress.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got none");
        assertThatThrownBy(() -> BytePairTrainer.train(List.of("a"), 256, file, Progress.silent()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 256");
        assertThat(file).doesNotExist();
    }

    private static List<String> merges(BytePairTrainer.Learned learned) {
        return learned.merges().stream()
                .map(merge ->
                        learned.tokens().get(merge[0]) + " " + learned.tokens().get(merge[1]))
                .toList();
    }

    private static String randomText(Random random) {
        int[] letters = "she sells üÜ東京🙂12345'm,;\n\n\t  re".codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i >= 0; i--) {
            text.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return text.toString();
    }

    /** In every word the earliest learned pair is merged until there is none. */
    private static int[] plain(String text, BytePairTrainer.Learned learned) {
        Map<String, Integer> ids = new HashMap<>();
        learned.tokens().forEach(token -> ids.put(token, ids.size()));
        Map<String, Integer> ranks = new HashMap<>();
        merges(learned).forEach(merge -> ranks.put(merge, ranks.size()));
        List<Integer> all = new ArrayList<>();
        for (String word : ByteLevelWords.words(text)) {
            List<String> parts = new ArrayList<>();
            for (int symbol : ByteLevelWords.symbols(word, ByteLevelWords.positions())) {
                parts.add(learned.tokens().get(symbol + 1));
            }
            int best;
            do {
                best = -1;
                for (int i = 0; i + 1 < parts.size(); i++) {
                    Integer rank = ranks.get(parts.get(i) + " " + parts.get(i + 1));
                    Integer least = best < 0 ? null : ranks.get(parts.get(best) + " " + parts.get(best + 1));
                    best = rank != null && (least == null || rank < least) ? i : best;
                }
                if (best >= 0) {
                    parts.set(best, parts.get(best) + parts.remove(best + 1));
                }
            } while (best >= 0);
            parts.forEach(part -> all.add(ids.get(part)));
        }
        return Arrays.stream(all.toArray(Integer[]::new))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
