package dev.lapidary.runtime.token;

/** The kinds of code points that the patterns of tokenizers tell apart, one byte each. */
final class LetterKind {
    static final byte LETTER = 0; // \p{L}
    static final byte NUMBER = 1; // \p{N}
    static final byte OTHER = 2;
    static final byte SPACE = 3; // \s, the property White_Space, but for line ends
    static final byte LINE_END = 4; // \r and \n, which are \s too

    private static final byte[] BASIC = basic(); // of U+0000 to U+FFFF

    private LetterKind() {}

    /** Returns the kind of a code point. */
    static byte of(int codePoint) {
        return codePoint < BASIC.length ? BASIC[codePoint] : kind(codePoint);
    }

    /** Returns the kind of the code point at a position. */
    static byte at(String text, int at) {
        char letter = text.charAt(at);
        return Character.isHighSurrogate(letter) ? of(text.codePointAt(at)) : BASIC[letter];
    }

    /** Returns how many chars the code point at a position takes. */
    static int width(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at)) ? 2 : 1;
    }

    /** Returns where the run of a kind ends that starts at a position. */
    static int run(String text, int from, int to, byte kind) {
        int at = from;
        while (at < to && at(text, at) == kind) {
            at += width(text, at);
        }
        return at;
    }

    /** Returns where the white space ends that starts at a position. */
    static int spaces(String text, int from, int to) {
        int at = from;
        while (at < to && BASIC[text.charAt(at)] >= SPACE) {
            at++;
        }
        return at;
    }

    /** Whether a code point is in {@code \w}: letters, marks, decimal digits, connectors and joiners. */
    static boolean word(int codePoint) {
        return Character.isAlphabetic(codePoint)
                || codePoint == 0x200c
                || codePoint == 0x200d
                || switch (Character.getType(codePoint)) {
                    case Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.DECIMAL_DIGIT_NUMBER,
                            Character.CONNECTOR_PUNCTUATION -> true;
                    default -> false;
                };
    }

    private static byte[] basic() {
        byte[] kinds = new byte[1 << 16];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = kind(i);
        }
        return kinds;
    }

    private static byte kind(int codePoint) {
        if (codePoint == '\n' || codePoint == '\r') {
            return LINE_END;
        }
        return switch (Character.getType(codePoint)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            default -> codePoint >= 0x09 && codePoint <= 0x0d || codePoint == 0x85 ? SPACE : OTHER;
        };
    }
}
