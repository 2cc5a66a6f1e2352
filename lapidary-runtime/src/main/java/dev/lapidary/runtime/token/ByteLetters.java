package dev.lapidary.runtime.token;

import java.util.Arrays;

/**
 * The letter of every byte in byte-level vocabularies: a printing Latin-1 byte stands for itself, the others for the letters from
 * U+0100 on.
 *
 * @see <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">GPT-2's encoder</a>
 */
public final class ByteLetters {
    private static final char[] LETTERS = letters();
    private static final short[] BYTES = bytes();

    private ByteLetters() {}

    /** Returns the letter of a byte from 0 to 255. */
    public static char letter(int value) {
        return LETTERS[value];
    }

    /** Returns the byte of a letter, or -1 where it stands for none. */
    static int value(int codePoint) {
        return codePoint < BYTES.length ? BYTES[codePoint] : -1;
    }

    private static char[] letters() {
        char[] letters = new char[256];
        char next = 0x100;
        for (int i = 0; i < letters.length; i++) {
            boolean prints = i >= '!' && i <= '~' || i >= 0xa1 && i <= 0xac || i >= 0xae;
            letters[i] = prints ? (char) i : next++;
        }
        return letters;
    }

    private static short[] bytes() {
        short[] bytes = new short[0x200];
        Arrays.fill(bytes, (short) -1);
        for (int i = 0; i < LETTERS.length; i++) {
            bytes[LETTERS[i]] = (short) i;
        }
        return bytes;
    }
}
