package dev.lapidary.runtime.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The element types of GGUF tensors that can be read. Quantised types hold blocks of 32 elements, in rows that are whole blocks.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public enum GgufType {
    /** IEEE 754 single precision. */
    F32(0, 1, 4),
    /** IEEE 754 half precision. */
    F16(1, 1, 2),
    /** Half precision d, then 16 bytes: x[i] = d·(low four bits of byte i − 8), x[i + 16] = d·(high four bits − 8). */
    Q4_0(2, 32, 18),
    /** Half precision d, then 32 signed bytes q: x[i] = d·q[i]. */
    Q8_0(8, 32, 34),
    /** The upper half of a single precision number. */
    BF16(30, 1, 2);

    private final int code;
    private final int blockElements;
    private final int blockBytes;

    GgufType(int code, int blockElements, int blockBytes) {
        this.code = code;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Returns the number that stands for the type in a file. */
    int code() {
        return code;
    }

    /** Returns how many elements of a row are stored together. */
    public int blockElements() {
        return blockElements;
    }

    /** Returns the bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Returns the format's name of a type, also of those that are not read. */
    static String name(int code) {
        List<String> names = List.of(
                "F32", "F16", "Q4_0", "Q4_1", "Q4_2", "Q4_3", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K",
                "Q5_K", "Q6_K", "Q8_K");
        return code >= 0 && code < names.size() ? names.get(code) : "type " + Integer.toUnsignedString(code);
    }

    static String listed() {
        return Arrays.stream(values()).map(GgufType::name).collect(Collectors.joining(", "));
    }
}
