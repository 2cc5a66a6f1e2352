package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.Elements;
import dev.lapidary.runtime.tensor.TensorContent;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The arrays of an npy or npz file: numbers as tensors, text as lists, both little-endian and row-major by then. */
final class NpyArrays {
    private static final int BLOCK = 32; // elements: two blocks of 8 bytes fit a first-level cache
    private static final long TEXT_OVERHEAD = 96; // bytes: string, its array, map entry and slot

    private final SequencedMap<String, TensorView> tensors = new LinkedHashMap<>();
    private final SequencedMap<String, List<String>> strings = new LinkedHashMap<>();
    private final Arena arena;

    NpyArrays(Arena arena) {
        this.arena = arena;
    }

    TensorContent content() {
        return new TensorContent(tensors, strings, Map.of());
    }

    boolean has(String name) {
        return tensors.containsKey(name) || strings.containsKey(name);
    }

    /** Adds an array of a header and its data; data that can be used as it is must live as long as the arena. */
    void add(String where, String name, NpyHeader header, MemorySegment data) {
        header.requireDataBytes(where, data.byteSize());
        if (header.text()) {
            strings.put(name, texts(where, header, data));
            return;
        }
        DType dtype = header.dtype();
        MemorySegment elements = header.direct()
                ? Elements.aligned(data, dtype.bytes(), arena)
                : convert(header, data, arena.allocate(header.count() * dtype.bytes(), Long.BYTES))
                        .asReadOnly();
        if (header.kind() == 'u' && header.itemBytes() == Long.BYTES) {
            requireSigned(where, elements);
        }
        tensors.put(name, new TensorView(name, dtype, header.shape(), elements));
    }

    private static void requireSigned(String where, MemorySegment elements) {
        for (long i = 0; i < elements.byteSize() / Long.BYTES; i++) {
            long value = elements.getAtIndex(Elements.LONG, i);
            if (value < 0) {
                throw new InputException(
                        where + ": unsigned numbers must be less than 2^63; got " + Long.toUnsignedString(value));
            }
        }
    }

    private static MemorySegment convert(NpyHeader header, MemorySegment from, MemorySegment to) {
        if (header.permuted() && header.shape().size() == 2) {
            transpose(header, from, to);
            return to;
        }
        SourceOrder order = SourceOrder.of(header);
        for (long i = 0; i < header.count(); i++) {
            move(header, from, order.next(), to, i);
        }
        return to;
    }

    /** Turns columns into rows block by block, since whole columns would miss the cache at every element. */
    private static void transpose(NpyHeader header, MemorySegment from, MemorySegment to) {
        long rows = header.shape().get(0);
        long columns = header.shape().get(1);
        for (long top = 0; top < rows; top += BLOCK) {
            for (long left = 0; left < columns; left += BLOCK) {
                for (long r = top; r < Math.min(top + BLOCK, rows); r++) {
                    for (long c = left; c < Math.min(left + BLOCK, columns); c++) {
                        move(header, from, c * rows + r, to, r * columns + c);
                    }
                }
            }
        }
    }

    private static void move(NpyHeader header, MemorySegment from, long source, MemorySegment to, long target) {
        int bytes = header.itemBytes();
        long bits = bits(from, bytes, source * bytes, header.bigEndian());
        switch (header.dtype().bytes()) {
            case 1 -> to.set(ValueLayout.JAVA_BYTE, target, (byte) bits);
            case 2 -> to.setAtIndex(Elements.SHORT, target, (short) bits);
            case 4 -> to.setAtIndex(Elements.INT, target, (int) bits);
            default -> to.setAtIndex(Elements.LONG, target, bits);
        }
    }

    /** Returns an element's bits without its sign. Types that are widened are unsigned, the others keep their width. */
    private static long bits(MemorySegment from, int bytes, long at, boolean bigEndian) {
        long bits = switch (bytes) {
            case 1 -> Byte.toUnsignedLong(from.get(ValueLayout.JAVA_BYTE, at));
            case 2 -> Short.toUnsignedLong(from.get(Elements.SHORT, at));
            case 4 -> Integer.toUnsignedLong(from.get(Elements.INT, at));
            default -> from.get(Elements.LONG, at);
        };
        return bigEndian ? Long.reverseBytes(bits) >>> (Long.SIZE - Byte.SIZE * bytes) : bits;
    }

    private static List<String> texts(String where, NpyHeader header, MemorySegment data) {
        long count = header.count();
        if (count > TensorView.MAX_ARRAY) {
            throw new InputException(where + ": must have at most " + TensorView.MAX_ARRAY + " texts; got " + count);
        }
        // for each a reference, and for each distinct one its characters, object headers and map entry
        long heap = count * Long.BYTES + 2L * header.itemBytes();
        MemoryLimit.requireHeap(where, heap);
        long free = MemoryLimit.freeHeap() - heap;
        Map<String, String> distinct = new HashMap<>();
        String[] values = new String[(int) count];
        SourceOrder order = SourceOrder.of(header);
        for (int i = 0; i < values.length; i++) {
            MemorySegment item = data.asSlice(order.next() * header.itemBytes(), header.itemBytes());
            String text = header.kind() == 'U' ? unicode(where, item, header.bigEndian()) : bytes(where, item);
            String before = distinct.putIfAbsent(text, text);
            values[i] = before == null ? text : before;
            heap = before == null ? 2L * text.length() + TEXT_OVERHEAD : 0;
            free -= heap;
            MemoryLimit.require(where, heap, free, "the Java heap");
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    /** Decodes UTF-32 padded with zeros. */
    private static String unicode(String where, MemorySegment item, boolean bigEndian) {
        long length = item.byteSize() / Integer.BYTES;
        while (length > 0 && item.getAtIndex(Elements.INT, length - 1) == 0) {
            length--;
        }
        StringBuilder text = new StringBuilder((int) length);
        for (long i = 0; i < length; i++) {
            int code = item.getAtIndex(Elements.INT, i);
            code = bigEndian ? Integer.reverseBytes(code) : code;
            if (!Character.isValidCodePoint(code)
                    || (code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE)) {
                throw new InputException(where + ": text must be Unicode; got code " + Integer.toUnsignedString(code));
            }
            text.appendCodePoint(code);
        }
        return text.toString();
    }

    /** Decodes UTF-8 padded with zeros. */
    private static String bytes(String where, MemorySegment item) {
        byte[] bytes = item.toArray(ValueLayout.JAVA_BYTE);
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InputException(where + ": text must be UTF-8; got other bytes", e);
        }
    }

    /** The place in the file of each element, in row-major order. */
    private static final class SourceOrder {
        private final long[] sizes;
        private final long[] strides; // elements
        private final long[] index;
        private long next;

        private SourceOrder(long[] sizes, long[] strides) {
            this.sizes = sizes;
            this.strides = strides;
            this.index = new long[sizes.length];
        }

        static SourceOrder of(NpyHeader header) {
            if (!header.permuted()) {
                return new SourceOrder(new long[] {header.count()}, new long[] {1});
            }
            long[] sizes = header.shape().stream().mapToLong(Long::longValue).toArray();
            long[] strides = new long[sizes.length];
            long stride = 1;
            for (int d = 0; d < sizes.length; d++) {
                strides[d] = stride;
                stride *= sizes[d];
            }
            return new SourceOrder(sizes, strides);
        }

        long next() {
            long now = next;
            for (int d = sizes.length - 1; d >= 0; d--) {
                next += strides[d];
                if (++index[d] < sizes[d]) {
                    break;
                }
                next -= strides[d] * sizes[d];
                index[d] = 0;
            }
            return now;
        }
    }
}
