package dev.lapidary.runtime.token;

import java.util.function.IntConsumer;

/** UTF-8 of single code points. */
final class Utf8 {
    private Utf8() {}

    /** Hands over the bytes of a code point, each from 0 to 255. */
    static void bytes(int codePoint, IntConsumer out) {
        if (codePoint < 0x80) {
            out.accept(codePoint);
            return;
        }
        if (codePoint < 0x800) {
            out.accept(0xc0 | codePoint >> 6);
        } else {
            if (codePoint < 0x10000) {
                out.accept(0xe0 | codePoint >> 12);
            } else {
                out.accept(0xf0 | codePoint >> 18);
                out.accept(0x80 | codePoint >> 12 & 0x3f);
            }
            out.accept(0x80 | codePoint >> 6 & 0x3f);
        }
        out.accept(0x80 | codePoint & 0x3f);
    }

    /** Returns a text where every half of a surrogate pair without the other is U+FFFD. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
                    return replaced(text);
                }
                i++;
            }
        }
        return text;
    }

    private static String replaced(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(letter -> letter >= 0xd800 && letter <= 0xdfff ? 0xfffd : letter)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
