package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes npz files as {@code numpy.savez_compressed} does, all or nothing: a zip archive of deflated npy entries of version 1.0,
 * little-endian and row-major. The same tensors give the same bytes.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">npy</a>
 */
public final class NpzWriter {
    private static final int PIECE = 1 << 16; // bytes
    private static final int ALIGNMENT = 64; // bytes, of the data in an entry

    /** Any fixed time; the first second of 1980 would make Java store the time zone too. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private NpzWriter() {}

    /**
     * Writes a file.
     *
     * @param tensors with distinct, plain names, of any type but BF16, which NumPy lacks
     * @throws IOException where writing fails, for instance on a full disk; the file is then as it was before
     */
    public static void write(Path file, List<TensorView> tensors) throws IOException {
        Set<String> names = new HashSet<>();
        for (TensorView tensor : tensors) {
            if (!NpzFile.plain(tensor.name()) || !names.add(tensor.name())) {
                throw new IllegalArgumentException("names must be plain and distinct; got '" + tensor.name() + "'");
            }
        }
        AtomicFiles.write(file, temporary -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), PIECE);
                    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
                for (TensorView tensor : tensors) {
                    ZipEntry entry = new ZipEntry(tensor.name() + NpzFile.ENDING);
                    entry.setTimeLocal(TIME);
                    zip.putNextEntry(entry);
                    zip.write(header(tensor));
                    write(zip, tensor.data());
                    zip.closeEntry();
                }
            }
        });
    }

    private static byte[] header(TensorView tensor) {
        List<Long> sizes = tensor.shape();
        String shape =
                sizes.stream().map(String::valueOf).collect(Collectors.joining(", ")) + (sizes.size() == 1 ? "," : "");
        String text = "{'descr': '" + type(tensor.dtype()) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
        int start = NpyHeader.MAGIC.length + 2 + Short.BYTES;
        int length = (start + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - start;
        String padded = text + " ".repeat(length - text.length() - 1) + "\n";
        return ByteBuffer.allocate(start + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(NpyHeader.MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) length)
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static String type(DType type) {
        return switch (type) {
            case F64 -> "<f8";
            case F32 -> "<f4";
            case F16 -> "<f2";
            case I64 -> "<i8";
            case I32 -> "<i4";
            case I16 -> "<i2";
            case I8 -> "|i1";
            case U8 -> "|u1";
            case BOOL -> "|b1";
            case BF16 -> throw new IllegalArgumentException("an npy type must be one of NumPy's; got BF16");
        };
    }

    private static void write(OutputStream out, MemorySegment data) throws IOException {
        byte[] piece = new byte[(int) Math.min(PIECE, data.byteSize())];
        for (long at = 0; at < data.byteSize(); at += PIECE) {
            int length = (int) Math.min(PIECE, data.byteSize() - at);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, piece, 0, length);
            out.write(piece, 0, length);
        }
    }
}
