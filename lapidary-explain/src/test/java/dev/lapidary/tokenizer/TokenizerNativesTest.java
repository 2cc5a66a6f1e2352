package dev.lapidary.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.token.ByteLetters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerNativesTest {
    private static final String O200K =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String OPTIONAL = // forty times
            "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b";

    @TempDir
    private Path folder;

    @Test
    void templatesMayOnlyNameSpecialTokensThatTheyDescribe() throws IOException {
        String described = "\"[S]\": {\"id\": \"[S]\", \"ids\": [0], \"tokens\": [\"[S]\"]}";
        TokenizerNatives.requireReadable(file(template(described)));

        for (String bad : new String[] {template(""), "{\"processors\": [" + template("") + "]}"}) {
            Path file = file(bad);
            assertThatThrownBy(() -> TokenizerNatives.requireReadable(file))
                    .isInstanceOf(InputException.class)
                    .hasMessage(file + ": special tokens of a template must be described; got none for '[S]'");
        }
        Path fewer = file(template(described.replace("[0]", "[]")));
        assertThatThrownBy(() -> TokenizerNatives.requireReadable(fewer))
                .isInstanceOf(InputException.class)
                .hasMessage(fewer + ": a special token of a template must have as many ids as tokens;"
                        + " got 0 ids and 1 tokens for '[S]'");
    }

    @Test
    void mapsOfCharactersMustStayInside() throws IOException {
        Path sound = tokenizer(map(2, 0, "a"));
        TokenizerNatives.prepare();
        TokenizerNatives.requireReadable(sound);
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(sound)) {
            assertThat(tokenizer.encode("A").getIds()).containsExactly(1); // replaced by a
        }
        TokenizerNatives.requireReadable(tokenizer(map(2, 1, "a"))); // the empty text at the end

        for (String bad : List.of(
                map(1 << 9, 0, "a"), map(2, 2, "a"), map(2, 1, "é"), map(2, 0x7fff_ffff, "a"), "AAQAAP////8AAAAA")) {
            Path file = tokenizer(bad);
            assertThatThrownBy(() -> TokenizerNatives.requireReadable(file))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("precompiled_charsmap must be whole and lead to characters of its own text");
        }
    }

    @Test
    void stepsThatEndTheProcessAreRefused() throws IOException {
        String strip =
                "\"decoder\": {\"decoders\": [{\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": ";
        assertFine(strip + "0}]}");
        assertRefused(strip + "2}]}", "a decoder that strips must have stop 0; got 2");
        assertFine(strip.replace(", \"stop\": ", "") + "}]}");
        for (String stop : List.of("5000000000", "10000000000000000000", "-1", "0.5", "null", "\"2\"")) {
            assertRefused(strip + stop + "}]}", "a decoder that strips must have stop 0; got " + stop);
        }
        String fixed = "\"pre_tokenizer\": {\"type\": \"FixedLength\", \"length\": ";
        assertFine(fixed + "1}");
        assertRefused(fixed + "0}", "a fixed length must be at least 1; got 0");
        String merges = "\"model\": {\"type\": \"BPE\", \"continuing_subword_prefix\": \"##\", \"merges\": ";
        assertFine(merges + "[\"a ##b\", [\"a\", \"##c\"]]}");
        assertFine(merges.replace("##", "") + "[\"a b\"]}");
        for (String bad : List.of("[\"a b\"]}", "[[\"a\", \"b\"]]}", "[\"b\"]}")) {
            assertRefused(
                    merges + bad,
                    "the right side of a merge must begin with continuing_subword_prefix, of ASCII letters; got 'b'");
        }
        assertRefused(
                merges.replace("##", "é") + "[\"a éb\"]}",
                "the right side of a merge must begin with continuing_subword_prefix, of ASCII letters; got 'éb'");
    }

    @Test
    void somethingMustStandForUnknownTokens() throws IOException {
        String must = "unk_token must be in the vocabulary; got ";
        assertFine("\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"u\", \"vocab\": {\"u\": 0, \"model\": 1}}");
        assertFine("\"model\": {\"type\": \"BPE\", \"unk_token\": null, \"vocab\": {\"a\": 0}, \"merges\": []}");
        assertFine("\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\", -1]]}");
        String missing = "\"model\": {\"type\": \"BPE\", \"unk_token\": \"none\", \"merges\": [], \"vocab\": {";
        String letters = IntStream.range(0, 256)
                .mapToObj(value -> "\"" + "\\u%04x".formatted((int) ByteLetters.letter(value)) + "\": " + value)
                .collect(Collectors.joining(", "));
        String split = ", \"pre_tokenizer\": {\"pretokenizers\": [{\"type\": \"Digits\"}, {\"type\": \"ByteLevel\"}]}";
        assertFine(missing + letters + "}}" + split);
        assertFine(split.substring(2) + ", " + missing + letters + "}}");
        assertRefused(missing + letters + "}}" + split + ", \"pre_tokenizer\": null", must + "\"none\"");
        for (String affix : List.of("end_of_word_suffix", "continuing_subword_prefix")) {
            assertRefused(
                    missing.replace("\"merges\"", "\"" + affix + "\": \"##\", \"merges\"") + letters + "}}" + split,
                    must + "\"none\"");
        }
        assertRefused(missing + letters + "}}", must + "\"none\"");
        assertRefused(missing + letters.replace("u0100", "u0200") + "}}" + split, must + "\"none\"");
        assertRefused(missing + letters + "}}" + split.replace("ByteLevel", "Metaspace"), must + "\"none\"");
        String bytes = IntStream.range(0, 256)
                .mapToObj("\"<0x%02X>\": %1$d"::formatted)
                .collect(Collectors.joining(", "));
        assertFine(missing + bytes + "}, \"byte_fallback\": true}");
        assertRefused(missing + bytes + "}}", must + "\"none\"");
        assertRefused(missing + bytes.replace("<0xFF>", "<0xff>") + "}, \"byte_fallback\": true}", must + "\"none\"");
        assertRefused("\"model\": {\"unk_token\": \"x\", \"vocab\": {\"u\": 0}}", must + "\"x\"");
        assertRefused("\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"u\": 0}}", must);
        assertRefused(
                "\"model\": {\"type\": \"BPE\", \"unk_token\": \"x\", \"vocab\": {\"u\": 0}, \"merges\": []}",
                must + "\"x\"");
        assertRefused(
                "\"model\": {\"type\": \"Unigram\", \"unk_id\": null, \"vocab\": [[\"a\", -1]]}",
                "unk_id must name the token of what the vocabulary lacks; got null");
    }

    @Test
    void normalizersMustNotLengthenTextsWithoutEnd() throws IOException {
        String replace = "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"%s\"}, \"content\": \"%s\"}";
        for (String nothing : List.of("^", "a*", "x?", "(?=a)", "a|b*")) {
            assertRefused(
                    "\"normalizer\": " + replace.formatted(nothing, "b"),
                    "what is replaced must have at least one letter; got a pattern that takes none: {\"Regex\":\""
                            + nothing + "\"}");
        }
        assertFine("\"normalizer\": " + replace.formatted("aa+", "b".repeat(200)));
        assertRefused(
                "\"normalizer\": " + replace.formatted("a+", "b".repeat(101)),
                "what replaces a match must be at most 100 times as long; got 101.0 times");
        String hundred = replace.formatted("a", "a".repeat(100));
        assertRefused(
                "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [" + hundred + ", " + hundred + "]}",
                "normalizers must lengthen a text at most 1000 times; got some that could by 10000.0");
        assertRefused(
                "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"" + "a".repeat(1001) + "\"}",
                "what is put before a text must have at most 1000 letters; got 1001");
        String split = ", \"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"a*[bc]\"}}";
        int plain = TokenizerNatives.requireReadable(part(split.substring(2)));
        assertThat(plain).isGreaterThan(1_000_000);
        assertThat(TokenizerNatives.requireReadable(part("\"normalizer\": " + hundred + split)))
                .isEqualTo(plain / 100);
        String bytes = ", \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"ByteLevel\"}, "
                + "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a*[bc]\"}}]}";
        assertThat(TokenizerNatives.requireReadable(part(bytes.substring(2)))).isEqualTo(plain / 3);
        assertRefused(
                "\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"u\", \"vocab\": {\"u\": 0},"
                        + " \"max_input_chars_per_word\": 1000000000}",
                "max_input_chars_per_word must be at most 1000; got 1000000000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+",
                " ?[^(\\s|[.,!?…。，、।۔،])]+",
                "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                O200K,
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "\\d{1,3}(?=(?:\\d{3})*\\b)",
                "[一-龥぀-ゟ゠-ヿ]+",
                "[\\p{Han}]+|[\\p{Lu}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t)?",
                "(?i)a?(?<word>b+)",
                " {2,}",
                "a{b",
                "[(a+)+]"
            })
    void patternsOfPublishedModelsPass(String pattern) {
        assertThat(SafePattern.bounds("x", pattern).longestText()).isGreaterThanOrEqualTo(1 << 20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+b",
                "(a*)*",
                "(a|a)*b",
                "(?:a|ab){3,}c",
                "((a?b+))+",
                "a*a*b",
                "a*a*a*b",
                OPTIONAL,
                "(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)b",
                "(?:(?:a{1,9}){1,9}){1,9}b",
                "a{1,9}a{1,9}a{1,9}a{1,9}a{1,9}a{1,9}a{1,9}a{1,9}[bc]",
                "a{1,99}{1,99}b",
                "a{1,9}+b",
                "(a*)\\1[bc]",
                "(?<x>a*)\\k<x>[bc]",
                "a{5}?a{5}?a*a*b",
                "(?:(?:(?:){1000}){1000}){1000}", // no step back, but a day of work
                "(?=a*a*b)c",
                "(?<=a*a*b)c",
                "a?(?i)a*|a*b|c(?:a*)*",
                "(?x)(?: #)\na*)*",
                "(?~a)",
                "(?(1)a|b)",
                "(*FAIL)",
                "[]|]*[]|]*[bc]",
                "\\c(a",
                "(a)\\g<1>",
                "(?:(a*)a*)a*b",
                "([(]a+)+"
            })
    void patternsThatTryManyWaysAreRefused(String pattern) throws IOException {
        for (String step : List.of("pre_tokenizer", "normalizer")) {
            Path file = Files.writeString(
                    folder.resolve("pattern.json"),
                    "{\"" + step + "\": {\"pattern\": {\"Regex\": \""
                            + pattern.replace("\\", "\\\\").replace("\n", "\\n") + "\"}}}");
            assertThatThrownBy(() -> TokenizerNatives.requireReadable(file))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("a pattern must ");
        }
    }

    private Path part(String part) throws IOException {
        return Files.writeString(folder.resolve("part.json"), "{" + part + "}");
    }

    private void assertFine(String part) throws IOException {
        TokenizerNatives.requireReadable(part(part));
    }

    private void assertRefused(String part, String message) throws IOException {
        Path file = part(part);
        assertThatThrownBy(() -> TokenizerNatives.requireReadable(file))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": " + message);
    }

    /** A trie of the one key A. */
    private static String map(int offset, int value, String replacements) {
        byte[] text = replacements.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * 256 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4 * 256);
        int leaf = ('A' ^ offset) & 0xff;
        for (int i = 0; i < 256; i++) {
            bytes.putInt(i == 'A' ? offset << 10 | 1 << 8 | 'A' : i == leaf ? 1 << 31 | value : 0);
        }
        return Base64.getEncoder().encodeToString(bytes.put(text).array());
    }

    private Path tokenizer(String map) throws IOException {
        return Files.writeString(folder.resolve("map.json"), """
                {"version": "1.0", "added_tokens": [], "pre_tokenizer": null, "post_processor": null, "decoder": null,
                 "normalizer": {"type": "Precompiled", "precompiled_charsmap": "%s"},
                 "model": {"type": "WordLevel", "unk_token": "[U]", "vocab": {"[U]": 0, "a": 1, "A": 2}}}
                """.formatted(map));
    }

    private static String template(String described) {
        return "{\"single\": [{\"SpecialToken\": {\"id\": \"[S]\", \"type_id\": 0}}], \"special_tokens\": {" + described
                + "}}";
    }

    private Path file(String processor) throws IOException {
        return Files.writeString(folder.resolve("tokenizer.json"), "{\"post_processor\": " + processor + "}");
    }
}
