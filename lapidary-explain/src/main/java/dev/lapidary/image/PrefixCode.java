package dev.lapidary.image;

/** A canonical prefix code of a lossless WebP, with a table for the first bits of a symbol. */
final class PrefixCode {
    private static final int LONGEST = 15;
    private static final int TABLE = 8; // bits
    private static final int REPEAT = 16; // code of a length that comes again
    private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int[] counts = new int[LONGEST + 1]; // of codes by length
    private final int[] symbols; // by code
    private final int[] table; // symbol << 4 | length, 0 where the code is longer
    private final int bits; // of the table; 0 where there is only one symbol

    private PrefixCode(LosslessBits in, int[] lengths) {
        for (int length : lengths) {
            counts[length]++;
        }
        int used = lengths.length - counts[0];
        counts[0] = 0;
        symbols = new int[used];
        int[] offsets = new int[LONGEST + 2];
        int open = 1;
        int longest = 0;
        for (int length = 1; length <= LONGEST; length++) {
            offsets[length + 1] = offsets[length] + counts[length];
            open = (open << 1) - counts[length];
            longest = counts[length] > 0 ? length : longest;
            if (open < 0) {
                throw in.corrupt("a code of too many symbols");
            }
        }
        if (used == 0 || (used > 1 && open != 0)) {
            throw in.corrupt("a code of too few symbols");
        }
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                symbols[offsets[lengths[symbol]]++] = symbol;
            }
        }
        bits = used == 1 ? 0 : Math.min(TABLE, longest);
        table = new int[1 << bits];
        fill();
    }

    private void fill() {
        int code = 0;
        int index = 0;
        for (int length = 1; length <= bits; length++) {
            for (int i = 0; i < counts[length]; i++) {
                int first = Integer.reverse(code) >>> (Integer.SIZE - length);
                for (int entry = first; entry < table.length; entry += 1 << length) {
                    table[entry] = symbols[index] << 4 | length;
                }
                code++;
                index++;
            }
            code <<= 1;
        }
    }

    /** Reads the code of an alphabet. */
    static PrefixCode read(LosslessBits in, int alphabet) {
        int[] lengths = new int[alphabet];
        if (!in.flag()) {
            readLengths(in, lengths);
            return new PrefixCode(in, lengths);
        }
        boolean two = in.flag();
        set(in, lengths, in.read(in.flag() ? Byte.SIZE : 1));
        if (two) {
            set(in, lengths, in.read(Byte.SIZE));
        }
        return new PrefixCode(in, lengths);
    }

    private static void set(LosslessBits in, int[] lengths, int symbol) {
        if (symbol >= lengths.length) {
            throw in.corrupt("a symbol outside of its alphabet");
        }
        lengths[symbol] = 1;
    }

    private static void readLengths(LosslessBits in, int[] lengths) {
        int[] own = new int[ORDER.length];
        int given = 4 + in.read(4);
        for (int i = 0; i < given; i++) {
            own[ORDER[i]] = in.read(3);
        }
        int left = lengths.length;
        if (in.flag()) {
            left = 2 + in.read(2 + 2 * in.read(3));
            if (left > lengths.length) {
                throw in.corrupt("more code lengths than symbols");
            }
        }
        PrefixCode code = new PrefixCode(in, own);
        int previous = Byte.SIZE;
        for (int symbol = 0; symbol < lengths.length && left > 0; left--) {
            int length = code.next(in);
            if (length < REPEAT) {
                lengths[symbol++] = length;
                previous = length > 0 ? length : previous;
                continue;
            }
            int value = length == REPEAT ? previous : 0;
            int repeat = length == REPEAT ? 3 + in.read(2) : length == REPEAT + 1 ? 3 + in.read(3) : 11 + in.read(7);
            if (symbol + repeat > lengths.length) {
                throw in.corrupt("more code lengths than symbols");
            }
            for (int i = 0; i < repeat; i++) {
                lengths[symbol++] = value;
            }
        }
    }

    /** Reads a symbol. */
    int next(LosslessBits in) {
        if (bits == 0) {
            return symbols[0];
        }
        int entry = table[in.peek(bits)];
        if (entry != 0) {
            in.skip(entry & 0xf);
            return entry >> 4;
        }
        int ahead = in.peek(LONGEST);
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code |= ahead >> (length - 1) & 1;
            if (code - first < counts[length]) {
                in.skip(length);
                return symbols[index + code - first];
            }
            index += counts[length];
            first = (first + counts[length]) << 1;
            code <<= 1;
        }
        throw in.corrupt("bits that are no code");
    }
}
