package dev.lapidary.image;

import dev.lapidary.runtime.InputException;

/** Numbers and names in the bytes of an untrusted file; reading beyond the end says that the file is cut off. */
final class ByteScan {
    private final String name; // for messages
    private final byte[] file;

    /** Scans bytes, which are not copied. */
    ByteScan(String name, byte[] file) {
        this.name = name;
        this.file = file;
    }

    String name() {
        return name;
    }

    byte[] file() {
        return file;
    }

    int length() {
        return file.length;
    }

    /** The unsigned byte at a place. */
    int u8(long at) {
        require(at, 1);
        return file[(int) at] & 0xff;
    }

    /** Two bytes, the greater first. */
    int u16(long at) {
        return u8(at) << 8 | u8(at + 1);
    }

    /** Four bytes, the greatest first. */
    long u32(long at) {
        return (long) u16(at) << 16 | u16(at + 2);
    }

    /** Two bytes, the smaller first. */
    int little16(long at) {
        return u8(at + 1) << 8 | u8(at);
    }

    /** Three bytes, the smallest first. */
    int little24(long at) {
        return u8(at + 2) << 16 | little16(at);
    }

    /** Four bytes, the smallest first. */
    long little32(long at) {
        return (long) little16(at + 2) << 16 | little16(at);
    }

    /** Whether the letters, each one a byte, stand at a place. */
    boolean startsWith(long at, String letters) {
        if (at < 0 || at + letters.length() > file.length) {
            return false;
        }
        for (int i = 0; i < letters.length(); i++) {
            if ((file[(int) at + i] & 0xff) != letters.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Checks that bytes are there. */
    void require(long at, long count) {
        if (at < 0 || count < 0 || at + count > file.length) {
            throw new InputException(
                    name + ": must be a whole image; got a file cut off after " + file.length + " bytes");
        }
    }

    /** What is wrong with the file's inside. */
    InputException corrupt(String what) {
        return new InputException(name + ": must be a whole image; got a corrupt file (" + what + ")");
    }
}
