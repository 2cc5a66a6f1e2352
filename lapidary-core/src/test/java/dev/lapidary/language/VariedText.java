package dev.lapidary.language;

import java.util.List;
import java.util.Random;

/** Texts of everything that tokenizers treat differently, the same for the same seed. */
final class VariedText {
    private static final List<String> WORDS = List.of(
            "the",
            " the",
            " shells",
            "She's",
            "I'LL",
            "we'Ve",
            "don't",
            "it'\u017f",
            "'re",
            " 'tis",
            "O'd",
            "HTTPServer",
            "naïve",
            "Übungen",
            "straße",
            "ﬁne",
            "e\u0301te\u0301",
            "A\u030a",
            "东京",
            "東京都",
            "こんにちは",
            "カタカナ",
            "안녕하세요",
            "שלום",
            "مرحبا بالعالم",
            "नमस्ते",
            "ไทย",
            "Ελλάδα",
            "Привет",
            "\ud835\udd38\ud835\udd39",
            "\ud800\udf30\ud800\udf31",
            "ǅ",
            "ʰ",
            "ª");
    private static final List<String> SIGNS = List.of(
            ".",
            ",",
            "...",
            "!?",
            "--",
            "—",
            "(",
            ")",
            "[]",
            "{\n",
            "}\r\n",
            "&&",
            "=>",
            "#",
            "://",
            "_x_",
            "<",
            "<0x0A>",
            "<|",
            "|>",
            "$",
            "€",
            "°",
            "©",
            "\u20e3",
            "\u0301",
            "\ufe0f",
            "\u200d",
            "\u200b",
            "\u2060",
            "\ufeff",
            "\ufffd",
            "\u0000",
            "\u0001",
            "\u001b",
            "\u007f",
            "\u2581",
            "\u2581\u2581",
            "\u2581a",
            "'",
            "''",
            "\"",
            "`",
            "\\",
            "\ue000",
            "\u0378");
    private static final List<String> NUMBERS = List.of(
            "0",
            "7",
            "42",
            "123",
            "1234",
            "3.14",
            "1,000,000",
            "٣٤",
            "½",
            "Ⅷ",
            "²",
            "〇",
            "१२",
            "\ud835\udfd8",
            "1e-5",
            "0x1F");
    private static final List<String> EMOJI =
            List.of("🙂", "🙂🙂", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "1️⃣", "❤️", "\ud83e\udee8");
    private static final List<String> SPACES = List.of(
            " ",
            "  ",
            "   ",
            "\t",
            "\t\t",
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            " \n",
            "\n ",
            " \n \n  ",
            "\u00a0",
            "\u2003",
            "\u3000",
            "\u0085",
            "\u2028",
            "\u000b",
            "\f",
            "\u1680",
            "\u180e",
            "\u001c",
            "        ",
            "\n    ",
            "\n\t\t");
    private static final List<String> SPECIAL = List.of(
            "<|endoftext|>",
            "</s>",
            "<s>",
            "<unk>",
            "<|im_start|>",
            "[WORD]",
            " [WORD] ",
            "x[WORD]y",
            "[STRIP]",
            "  [STRIP]  ",
            "[É]",
            "[e\u0301]",
            "[E\u0301]",
            "<|end",
            "oftext|>");
    private static final List<String> CODE = List.of(
            "for (int i = 0; i < n; i++) {\n    a[i] += b[i] * 2.5f; // Übung\n}\n",
            "def f(x):\n\treturn {'a': x, \"b\": [1, 2, 3]}\n\n\n",
            "SELECT * FROM t WHERE x >= 10 AND name LIKE '%foo%';",
            "<div class=\"a-b\">&nbsp;text</div>\r\n",
            "https://example.org/a/b?c=d&e=%20#f");

    private static final List<List<String>> KINDS =
            List.of(WORDS, WORDS, WORDS, SIGNS, NUMBERS, EMOJI, SPACES, SPACES, SPECIAL, CODE);

    private VariedText() {}

    /** Returns a text of {@code pieces} pieces. */
    static String of(Random random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            switch (random.nextInt(40)) {
                case 0 -> text.append(random.nextBoolean() ? " " : "\n").repeat(" ", random.nextInt(60));
                case 1 -> text.repeat(pick(random, NUMBERS), random.nextInt(30));
                case 2 -> text.repeat(pick(random, WORDS), random.nextInt(30));
                case 3 -> text.repeat(pick(random, SPACES), random.nextInt(30));
                case 4 -> text.repeat(pick(random, SIGNS), random.nextInt(30));
                case 5 -> text.appendCodePoint(letter(random));
                default -> text.append(pick(random, pick(random, KINDS)));
            }
        }
        return text.toString();
    }

    /** Any assigned code point but half of a pair; those that Unicode added lately are not in every library. */
    private static int letter(Random random) {
        while (true) {
            int letter = random.nextInt(random.nextBoolean() ? 0x3000 : 0x1f000);
            if (Character.isDefined(letter) && Character.getType(letter) != Character.SURROGATE) {
                return letter;
            }
        }
    }

    private static <T> T pick(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
