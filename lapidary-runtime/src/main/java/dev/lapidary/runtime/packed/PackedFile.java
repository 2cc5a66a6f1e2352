package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.FileMagic;
import dev.lapidary.runtime.file.MappedFile;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A memory mapped packed model: config, tokenizer and the weights in the order in which the kernels read them, so that opening
 * it copies nothing. docs/packed-format.md specifies it byte by byte.
 *
 * <p>What it returns points into the mapping. {@link #close} ends it: no product may be under way then.
 */
public final class PackedFile implements AutoCloseable {
    private final String where;
    private final MappedFile file;
    private final PackedHeader header;
    private final Set<Long> verified = ConcurrentHashMap.newKeySet(); // offsets of sections

    /** When checksums are compared. */
    public enum Verify {
        /** All when the file is opened. */
        AT_ONCE,
        /** A vector's when it is first asked for, a matrix's by {@link PackedFile#verify(String)}. */
        LAZILY
    }

    private PackedFile(MappedFile file) {
        this.where = file.where();
        this.file = file;
        this.header = PackedPrefix.header(where, file.bytes());
    }

    /** Whether a file begins as packed files do. */
    public static boolean isPacked(Path file) throws IOException {
        return FileMagic.begins(file, PackedFormat.MAGIC);
    }

    /** Maps a file and checks its header; throws {@link InputException} where anything is not as the format says. */
    public static PackedFile open(Path file, Verify verify) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    file + ": must be a packed file; got " + (Files.exists(file) ? "no file" : "nothing at this path"));
        }
        MappedFile mapped = MappedFile.open(file);
        try {
            PackedFile packed = new PackedFile(mapped);
            if (verify == Verify.AT_ONCE) {
                packed.verify();
            }
            return packed;
        } catch (RuntimeException | Error e) {
            mapped.close();
            throw e;
        }
    }

    /** Refuses a file that was shortened after it was opened, whose weights must not be read any more. */
    public void requireWhole() {
        file.requireWhole(where);
    }

    /** Compares all checksums. */
    public void verify() {
        for (PackedTensor tensor : header.tensors().values()) {
            verify(tensor);
        }
        tokenizer();
    }

    /** Compares the checksum of a tensor, unless that was done before. */
    public void verify(String name) {
        verify(tensor(name));
    }

    private void verify(PackedTensor tensor) {
        check("tensor '" + tensor.name() + "'", tensor.data());
        PackedTensor.Section scales = tensor.scales();
        if (scales != null) {
            check("scales of tensor '" + tensor.name() + "'", scales);
        }
        if (tensor.kind() == PackedTensor.Kind.SPARSE) {
            requirePadding(where, tensor, sparse(tensor));
        }
    }

    static void requirePadding(String where, PackedTensor tensor, SparseMatrix matrix) {
        if (!matrix.padsWithZeros()) {
            throw new InputException(where + ": tensor '" + tensor.name() + "' at offset "
                    + tensor.data().offset() + " must have rows and groups that pad as 0; got others");
        }
    }

    /** The JSON text of the model's config. */
    public String config() {
        return header.config();
    }

    /** The digest of the file that holds what is not here. */
    public Optional<String> base() {
        return Optional.ofNullable(header.base());
    }

    /** The tokenizer, where the file carries one. */
    public Optional<PackedTokenizer> tokenizer() {
        PackedTokenizer tokens = header.tokenizer();
        PackedTensor.Section section = header.tokenizerSection();
        if (tokens == null || section == null) {
            return Optional.empty();
        }
        check("tokenizer", section);
        byte[] json = section(section).toArray(ValueLayout.JAVA_BYTE);
        return Optional.of(new PackedTokenizer(json, tokens.bos(), tokens.eos(), tokens.ends(), tokens.addsBos()));
    }

    /** All tensors in the order in which they were written. */
    public Collection<PackedTensor> tensors() {
        return Collections.unmodifiableCollection(header.tensors().values());
    }

    /**
     * Returns the SHA-256 over the config and the names, shapes, types and checksums of all tensors and of their scales: what
     * mask files name a base by.
     */
    public String digest() {
        MessageDigest digest = Sha256.digest();
        Sha256.field(digest, header.config());
        for (PackedTensor tensor : tensors()) {
            PackedTensor.Section scales = tensor.scales();
            Sha256.field(
                    digest,
                    "%s %s %s %d %d %08x %s %08x"
                            .formatted(
                                    tensor.name(),
                                    tensor.kind(),
                                    tensor.type(),
                                    tensor.rows(),
                                    tensor.columns(),
                                    tensor.data().checksum(),
                                    tensor.scaling(),
                                    scales == null ? 0 : scales.checksum()));
        }
        return Sha256.hex(digest);
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return header.tensors().containsKey(name);
    }

    /**
     * Returns what the header says of a tensor.
     *
     * @throws InputException where there is none of that name
     */
    public PackedTensor tensor(String name) {
        PackedTensor tensor = header.tensors().get(name);
        if (tensor == null) {
            throw new InputException(where + ": must have a tensor '" + name + "'; got none of that name");
        }
        return tensor;
    }

    /** Returns a matrix, whose checksum is only compared by {@link #verify(String)}. */
    public WeightMatrix matrix(String name) {
        PackedTensor tensor = tensor(name);
        return switch (tensor.kind()) {
            case VECTOR -> throw new InputException(where + ": tensor '" + name + "' must be a matrix; got a vector");
            case SPARSE -> sparse(tensor);
            case DENSE -> dense(tensor);
        };
    }

    private SparseMatrix sparse(PackedTensor tensor) {
        MemorySegment[] parts = sections(tensor);
        return tensor.type() == WeightType.INT8
                ? SparseMatrix.int8(tensor.rows(), tensor.columns(), parts[0], parts[1])
                : SparseMatrix.of(tensor.type(), tensor.rows(), tensor.columns(), parts[0]);
    }

    private DenseMatrix dense(PackedTensor tensor) {
        MemorySegment[] parts = sections(tensor);
        int rows = tensor.rows();
        int columns = tensor.columns();
        return switch (tensor.type()) {
            case F32 -> DenseMatrix.f32(rows, columns, parts[0]);
            case BF16 -> DenseMatrix.bf16(rows, columns, parts[0]);
            case F16 -> throw new IllegalStateException("no packed tensor is f16");
            case INT8 ->
                tensor.scaling() == Scaling.ROW
                        ? DenseMatrix.int8(rows, columns, parts[0], parts[1])
                        : DenseMatrix.int8Blocks(rows, columns, parts[0], parts[1]);
        };
    }

    /** Returns the float32 values of a vector, little-endian and read-only. */
    public MemorySegment vector(String name) {
        PackedTensor tensor = tensor(name);
        if (tensor.kind() != PackedTensor.Kind.VECTOR) {
            throw new InputException(where + ": tensor '" + name + "' must be a vector; got a matrix");
        }
        verify(tensor);
        return section(tensor.data());
    }

    /** Returns the weights and, where there are some, the scales. */
    private MemorySegment[] sections(PackedTensor tensor) {
        MemorySegment data = section(tensor.data());
        PackedTensor.Section scales = tensor.scales();
        return scales == null ? new MemorySegment[] {data} : new MemorySegment[] {data, section(scales)};
    }

    private MemorySegment section(PackedTensor.Section section) {
        return file.bytes().asSlice(section.offset(), section.length());
    }

    private void check(String owner, PackedTensor.Section section) {
        if (section.length() > 0 && !verified.contains(section.offset())) {
            String what = where + ": " + owner + " at offset " + section.offset();
            int sum = file.checksum(what, section.offset(), section.length());
            PackedFormat.requireChecksum(what, sum, section.checksum());
            verified.add(section.offset());
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
