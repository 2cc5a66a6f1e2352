package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.PieceWriter;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes packed model files, all or nothing, tensor by tensor: a tensor may be freed as soon as its call returns. The same
 * content in the same order gives the same bytes.
 */
public final class PackedWriter {
    private final FileChannel channel;
    private final PieceWriter out;
    private final List<PackedTensor> tensors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private String config = "{}";
    private @Nullable String base;
    private @Nullable PackedTokenizer tokenizer;
    private PackedTensor.@Nullable Section tokenizerSection;
    private long end = PackedFormat.ALIGNMENT;

    private PackedWriter(FileChannel channel) {
        this.channel = channel;
        this.out = new PieceWriter(channel);
    }

    /** What is to be written. */
    @FunctionalInterface
    public interface Content {
        /** Calls the writer for each part of the file. */
        void write(PackedWriter writer) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @throws IOException where writing fails, for instance on a full disk; the file is then as it was before
     */
    public static void write(Path file, Content content) throws IOException {
        AtomicFiles.writeChannel(file, channel -> {
            PackedWriter writer = new PackedWriter(channel);
            content.write(writer);
            writer.finish();
        });
    }

    /** Sets the model's config, a JSON text; without it the file says {@code {}}. */
    public void config(String json) {
        config = json;
    }

    /** Says that tensors which are not in this file stand in another one, named by a digest of the caller's choice. */
    public void base(String digest) {
        base = digest;
    }

    /** Writes the tokenizer; at most once. */
    public void tokenizer(PackedTokenizer content) throws IOException {
        if (tokenizer != null) {
            throw new IllegalStateException("a packed file must have at most one tokenizer; got a second");
        }
        tokenizer = content;
        tokenizerSection = section(MemorySegment.ofArray(content.json()));
    }

    /** Writes float32 values, such as a norm's weights; the memory may be on the heap. */
    public void vector(String name, MemorySegment values) throws IOException {
        long count = values.byteSize() / Float.BYTES;
        if (count < 1 || count > Integer.MAX_VALUE || values.byteSize() % Float.BYTES != 0) {
            throw new IllegalArgumentException(
                    "vector " + name + " must hold float32 values; got " + values.byteSize() + " bytes");
        }
        claim(name);
        PackedTensor.Section data = section(values);
        tensors.add(new PackedTensor(
                name, PackedTensor.Kind.VECTOR, WeightType.F32, Scaling.NONE, 1, (int) count, data, null));
    }

    /** Writes a matrix as it lies in memory. */
    public void matrix(String name, WeightMatrix matrix) throws IOException {
        claim(name);
        boolean sparse = matrix instanceof SparseMatrix;
        Scaling scaling = matrix instanceof DenseMatrix dense
                ? dense.scaling()
                : matrix.type() == WeightType.INT8 ? Scaling.ROW : Scaling.NONE;
        PackedTensor.Section weights = section(matrix.data());
        PackedTensor.Section scales = scaling == Scaling.NONE ? null : section(matrix.scales());
        tensors.add(new PackedTensor(
                name,
                sparse ? PackedTensor.Kind.SPARSE : PackedTensor.Kind.DENSE,
                matrix.type(),
                scaling,
                matrix.rows(),
                matrix.columns(),
                weights,
                scales));
    }

    private void claim(String name) {
        if (name.isEmpty() || !names.add(name)) {
            throw new IllegalArgumentException("tensors must have distinct names; got two '" + name + "'");
        }
    }

    private PackedTensor.Section section(MemorySegment data) throws IOException {
        long offset = PackedFormat.align(end);
        CRC32C sum = new CRC32C();
        channel.position(offset);
        out.write(data, sum::update);
        end = offset + data.byteSize();
        return new PackedTensor.Section(offset, data.byteSize(), (int) sum.getValue());
    }

    private void finish() throws IOException {
        byte[] header = PackedHeader.toJson(config, base, tokenizer, tokenizerSection, tensors);
        if (header.length > PackedFormat.HEADER_LIMIT) {
            throw new IllegalArgumentException(
                    "a packed header must have at most " + PackedFormat.HEADER_LIMIT + " bytes; got " + header.length);
        }
        channel.position(end);
        out.write(ByteBuffer.wrap(header));
        channel.position(0);
        out.write(PackedPrefix.of(header, end));
    }
}
