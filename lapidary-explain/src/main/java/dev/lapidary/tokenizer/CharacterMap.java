package dev.lapidary.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's map of characters in a tokenizer.json: a double-array trie (units of 32 bits, as Darts-clone writes them) whose values
 * are places in a text of replacements.
 *
 * <p>The library follows the trie without looking whether it leads out of the array or the text, and then ends the process.
 */
final class CharacterMap {
    private static final int BLOCK = 0xff; // a label changes the last eight bits of a place
    private static final int LABEL = 0x8000_00ff;

    private final int[] units;
    private final byte[] replacements;

    private CharacterMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /** Whether the map is whole and no text can lead out of it; true where it is not Base64, which the library refuses itself. */
    static boolean isSound(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException none) {
            return true;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < Integer.BYTES) {
            return false;
        }
        long size = Integer.toUnsignedLong(buffer.getInt()) / Integer.BYTES; // of the trie
        if (size > buffer.remaining() / Integer.BYTES) {
            return false;
        }
        int[] units = new int[(int) size];
        buffer.asIntBuffer().get(units);
        int text = Integer.BYTES * (1 + units.length);
        byte[] replacements = new byte[bytes.length - text];
        System.arraycopy(bytes, text, replacements, 0, replacements.length);
        return new CharacterMap(units, replacements).staysInside();
    }

    /** Returns the letters of the longest replacement of a sound map; 1 where it is not Base64. */
    static int longestReplacement(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException none) {
            return 1;
        }
        int at = Integer.BYTES
                + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int longest = 1;
        int length = 0;
        for (; at < bytes.length; at++) {
            length = bytes[at] == 0 ? 0 : length + 1; // a letter has at least a byte
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private boolean staysInside() {
        if (units.length == 0) {
            return false;
        }
        BitSet seen = new BitSet(units.length);
        Deque<Integer> open = new ArrayDeque<>();
        open.add(offset(units[0]));
        while (!open.isEmpty()) {
            int base = open.remove();
            if (base < 0 || (base | BLOCK) >= units.length) {
                return false;
            }
            if (seen.get(base)) {
                continue;
            }
            seen.set(base);
            for (int label = 1; label <= BLOCK; label++) {
                int unit = units[base ^ label];
                if ((unit & LABEL) != label) {
                    continue;
                }
                int next = base ^ label ^ offset(unit);
                if ((unit >> 8 & 1) == 1 && !pointsToText(next)) {
                    return false;
                }
                open.add(next);
            }
        }
        return true;
    }

    private boolean pointsToText(int leaf) {
        if (leaf < 0 || leaf >= units.length) {
            return false;
        }
        int value = units[leaf] & Integer.MAX_VALUE;
        return value == replacements.length
                || value < replacements.length && (replacements[value] & 0xc0) != 0x80; // at a character's start
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >> 6);
    }
}
