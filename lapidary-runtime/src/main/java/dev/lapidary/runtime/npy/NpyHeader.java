package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.Shapes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checked header of an npy array, versions 1.0 to 3.0.
 *
 * @param length bytes from the start of the array to its data
 * @param kind the type letter: f, i, u, b, U (text) or S (bytes)
 * @param itemBytes bytes of one element in the file
 * @param bigEndian whether the elements' bytes are in falling order
 * @param fortran whether the first index runs fastest
 * @param shape sizes, none negative
 */
record NpyHeader(long length, char kind, int itemBytes, boolean bigEndian, boolean fortran, List<Long> shape) {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** More than any plain array needs; longer ones only describe records of many columns. */
    static final int TEXT_LIMIT = 1 << 20;

    /** The longest that magic, version, length and text together can be. */
    static final int LIMIT = MAGIC.length + 2 + Integer.BYTES + TEXT_LIMIT;

    private static final int RANK_LIMIT = 64; // NumPy's own
    private static final Pattern TYPE = Pattern.compile("([<>|=])([A-Za-z])([0-9]{0,9})");
    private static final String TYPES = "f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, U or S";

    /** Reads a header, leaving the stream at the data. */
    static NpyHeader read(String where, InputStream in) throws IOException {
        byte[] start = readFully(where, in, MAGIC.length + 2);
        if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new InputException(where + ": an npy array must begin with the bytes 93 'NUMPY'; got others");
        }
        int major = start[MAGIC.length] & 0xff;
        int minor = start[MAGIC.length + 1] & 0xff;
        if (major < 1 || major > 3 || minor != 0) {
            throw new InputException(where + ": npy version must be 1.0, 2.0 or 3.0; got " + major + "." + minor);
        }
        int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer buffer = ByteBuffer.wrap(readFully(where, in, lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
        long textLength =
                major == 1 ? Short.toUnsignedLong(buffer.getShort()) : Integer.toUnsignedLong(buffer.getInt());
        if (textLength > TEXT_LIMIT) {
            throw new InputException(
                    where + ": npy header must have at most " + TEXT_LIMIT + " bytes; got " + textLength);
        }
        byte[] text = readFully(where, in, (int) textLength);
        NpyDictionary fields = NpyDictionary.parse(where, decode(where, text, major));
        return checked(where, start.length + lengthBytes + textLength, fields);
    }

    private static NpyHeader checked(String where, long length, NpyDictionary fields) {
        Matcher type = TYPE.matcher(fields.descr());
        if (!type.matches()) {
            throw unsupported(where, fields.descr());
        }
        char kind = type.group(2).charAt(0);
        if (kind == 'O') {
            throw new InputException(
                    where + ": arrays must hold numbers or fixed-length text; got Python objects (pickle), which"
                            + " are never loaded because loading them can run code");
        }
        int size = type.group(3).isEmpty() ? -1 : Integer.parseInt(type.group(3));
        long itemBytes = kind == 'U' ? 4L * size : size;
        boolean known = switch (kind) {
            case 'f' -> size == 2 || size == 4 || size == 8;
            case 'i', 'u' -> size == 1 || size == 2 || size == 4 || size == 8;
            case 'b' -> size == 1;
            case 'U', 'S' -> size >= 0 && itemBytes <= Integer.MAX_VALUE;
            default -> false;
        };
        if (!known) {
            throw unsupported(where, fields.descr());
        }
        if (fields.shape().size() > RANK_LIMIT) {
            throw new InputException(where + ": npy shape must have at most " + RANK_LIMIT + " sizes; got "
                    + fields.shape().size());
        }
        if (Shapes.bytes(fields.shape(), Math.max(itemBytes, Long.BYTES)) < 0) {
            throw new InputException(where + ": npy shape must describe less than 2^63 bytes; got " + fields.shape());
        }
        boolean big = type.group(1).equals(">");
        return new NpyHeader(length, kind, (int) itemBytes, big, fields.fortran(), fields.shape());
    }

    private static InputException unsupported(String where, String descr) {
        return new InputException(where + ": npy type must be one of " + TYPES + "; got " + descr);
    }

    private static String decode(String where, byte[] text, int major) {
        Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        try {
            CharBuffer chars = charset.newDecoder().decode(ByteBuffer.wrap(text));
            return chars.toString();
        } catch (CharacterCodingException e) {
            throw new InputException(where + ": npy header must be " + charset + "; got other bytes", e);
        }
    }

    private static byte[] readFully(String where, InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new InputException(where + ": npy header must be complete; got a file that ends inside it");
        }
        return bytes;
    }

    /** Whether the elements are text. */
    boolean text() {
        return kind == 'U' || kind == 'S';
    }

    /** Returns the number of elements. */
    long count() {
        return Shapes.bytes(shape, 1);
    }

    /** Returns the bytes of the data. */
    long dataBytes() {
        return count() * itemBytes;
    }

    /** Returns the smallest type that holds every element; the file's own where we have it. */
    DType dtype() {
        return switch (kind) {
            case 'f' -> itemBytes == 2 ? DType.F16 : itemBytes == 4 ? DType.F32 : DType.F64;
            case 'b' -> DType.BOOL;
            case 'u' -> itemBytes == 1 ? DType.U8 : itemBytes == 2 ? DType.I32 : DType.I64;
            case 'i' ->
                switch (itemBytes) {
                    case 1 -> DType.I8;
                    case 2 -> DType.I16;
                    case 4 -> DType.I32;
                    default -> DType.I64;
                };
            default -> throw new IllegalStateException("an array of text has no number type");
        };
    }

    /** Whether the order of the elements in the file is not row-major. */
    boolean permuted() {
        return fortran && shape.stream().filter(size -> size != 1).count() > 1;
    }

    /** Whether the data can be used as it lies in the file. */
    boolean direct() {
        return !text() && !permuted() && (!bigEndian || itemBytes == 1) && dtype().bytes() == itemBytes;
    }

    /** Returns the bytes that reading allocates beside the data as it lies in the file. */
    long convertedBytes() {
        return direct() || text() ? 0 : count() * dtype().bytes();
    }

    /** Checks that the data is as long as shape and type say. */
    void requireDataBytes(String where, long got) {
        if (got != dataBytes()) {
            throw new InputException(
                    where + ": npy data of shape " + shape + " must have " + dataBytes() + " bytes; got " + got);
        }
    }
}
