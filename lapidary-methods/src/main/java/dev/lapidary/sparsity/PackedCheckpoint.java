package dev.lapidary.sparsity;

import dev.lapidary.language.ChatTemplate;
import dev.lapidary.language.StoredModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.MaskedLinear;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.ConfigCodec;
import dev.lapidary.runtime.model.GgufExport;
import dev.lapidary.runtime.model.GgufModel;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.runtime.packed.PackedTensor;
import dev.lapidary.runtime.packed.PackedTokenizer;
import dev.lapidary.runtime.packed.PackedWriter;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Packs a Hugging Face folder, with a mask or without, into the one file that {@code dev.lapidary.runtime} maps and runs.
 *
 * <p>Linear weights under a 2:4 mask are stored 2:4, from the mask's codes and never from zeros; all other matrices, those under
 * masks of other patterns with their zeros and those in forms that the runtime has no kernel for, are stored dense. Norms and
 * biases stay float32; int8 has one scale a row. What was written is read again before the file appears, and must be right: every
 * checksum, and for every 2:4 weight the codes. PyTorch is needed only for layers that a folder stores in forms of their own.
 */
public final class PackedCheckpoint {
    private final StoredModel model;
    private final MaskedValues values;
    private final Map<String, LayerMask> masks; // of the weights that become 2:4
    private final WeightType type;

    private PackedCheckpoint(StoredModel model, MaskedValues values, Map<String, LayerMask> masks, WeightType type) {
        this.model = model;
        this.values = values;
        this.masks = masks;
        this.type = type;
    }

    /**
     * What was written.
     *
     * @param bytes the file's size
     * @param weightBytes matrices and scales: what a token reads, but for rows of the embedding that are looked up
     * @param denseBytes what the matrices would take without a mask in the same type
     * @param sparse matrices stored 2:4
     * @param dense matrices stored dense
     */
    public record Packed(WeightType type, long bytes, long weightBytes, long denseBytes, int sparse, int dense) {}

    /**
     * Packs and verifies, all or nothing.
     *
     * @param out file to write or replace
     * @param base folder of the model
     * @param set masks of this model
     * @param baseFile a packed file of the same model: then only the weights under the masks are written, as a mask file for it
     * @throws InputException where base and masks do not belong together, a weight is not finite, or the
     *     runtime cannot read the tokenizer
     * @throws IOException where writing fails, or what is read back is not what was written
     */
    public static Packed write(
            Path out, Path base, Optional<MaskSet> set, WeightType type, Optional<Path> baseFile, Progress progress)
            throws IOException {
        PackedTokenizer tokenizer = tokenizer(base);
        Tokenizer.of(tokenizer); // refuses what the runtime could not read
        try (StoredModel model = StoredModel.open(base);
                MaskedValues values = new MaskedValues(model, set)) {
            Map<String, LayerMask> masks = set.filter(it -> it.pattern().equals(SparsityPattern.TWO_OF_FOUR))
                    .<Map<String, LayerMask>>map(MaskSet::layers)
                    .orElse(Map.of());
            PackedCheckpoint checkpoint = new PackedCheckpoint(model, values, masks, type);
            if (baseFile.isPresent()) {
                String digest = checkpoint.requireBase(baseFile.get());
                return checkpoint.write(out, masks.keySet(), progress, writer -> writer.base(digest));
            }
            return checkpoint.write(out, model.shapes().keySet(), progress, writer -> writer.tokenizer(tokenizer));
        }
    }

    /**
     * Writes a GGUF file, which llama.cpp and {@link Model} run: dense, zeros for the weights that a mask does not keep.
     *
     * @param type of matrices: F32, F16, BF16 or Q8_0
     * @throws InputException where base and masks do not belong together, or the format has no place for something
     * @throws IOException where writing fails
     */
    public static void writeGguf(Path out, Path base, Optional<MaskSet> set, GgufType type, Progress progress)
            throws IOException {
        Tokenizer tokenizer = Tokenizer.of(tokenizer(base));
        try (StoredModel model = StoredModel.open(base);
                MaskedValues masked = new MaskedValues(model, set);
                Progress.Task task = progress.start("gguf", model.shapes().size())) {
            String name =
                    Objects.toString(base.toAbsolutePath().normalize().getFileName(), "model"); // the root has none
            var description = new GgufExport.Description(name, ChatTemplate.read(base));
            GgufExport.write(out, description, model.config(), tokenizer, type, (parameter, row, values) -> {
                task.advance(row == 0 ? 1 : 0);
                MemorySegment all = masked.of(parameter);
                int columns = values.length;
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT, row * columns * Float.BYTES, values, 0, columns);
            });
        }
    }

    /**
     * Packs a GGUF file, all or nothing; weights that it stores in blocks are packed from their values.
     *
     * @throws InputException where the file is malformed or holds what is not supported
     * @throws IOException where writing fails, or what is read back is not what was written
     */
    public static Packed pack(Path out, Path gguf, WeightType type, Progress progress) throws IOException {
        try (GgufModel model = GgufModel.open(gguf);
                Progress.Task task = progress.start("pack", model.shapes().size() + 1)) {
            Tokenizer tokenizer = model.tokenizer();
            PackedTokenizer packed = new PackedTokenizer(
                    tokenizer.toJson(), tokenizer.bos(), tokenizer.eos(), tokenizer.ends(), tokenizer.addsBos());
            AtomicFiles.write(out, temporary -> {
                PackedWriter.write(temporary, writer -> {
                    writer.config(ConfigCodec.write(model.config()));
                    writer.tokenizer(packed);
                    for (var parameter : model.shapes().entrySet()) {
                        write(writer, model, parameter.getKey(), parameter.getValue(), type);
                        task.advance(1);
                    }
                });
                PackedFile.open(temporary, PackedFile.Verify.AT_ONCE).close();
            });
            task.advance(1);
            return packed(out, type);
        }
    }

    private static void write(PackedWriter writer, GgufModel model, String name, List<Long> shape, WeightType type)
            throws IOException {
        int columns = Math.toIntExact(shape.getLast());
        int rows = shape.size() == 1 ? 1 : Math.toIntExact(shape.getFirst());
        float[] row = new float[columns];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate((long) Float.BYTES * rows * columns, 64);
            for (int i = 0; i < rows; i++) {
                model.row(name, i, row);
                MemorySegment.copy(row, 0, values, ValueLayout.JAVA_FLOAT, (long) Float.BYTES * i * columns, columns);
            }
            if (shape.size() == 1) {
                writer.vector(name, values);
            } else {
                writer.matrix(name, DenseMatrix.pack(type, values, rows, columns, arena));
            }
        }
    }

    /** Writes a GGUF file of another one, with its matrices in another type. */
    public static void rewriteGguf(Path out, Path gguf, GgufType type, Progress progress) throws IOException {
        try (GgufModel model = GgufModel.open(gguf);
                Progress.Task task = progress.start("gguf", model.shapes().size())) {
            GgufExport.write(
                    out, model.description(), model.config(), model.tokenizer(), type, (parameter, row, values) -> {
                        task.advance(row == 0 ? 1 : 0);
                        model.row(parameter, row, values);
                    });
        }
    }

    private static PackedTokenizer tokenizer(Path base) throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
            byte[] json = Files.readAllBytes(base.resolve(TextTokenizer.FILE));
            return new PackedTokenizer(json, tokenizer.bos(), tokenizer.eos(), tokenizer.ends(), tokenizer.addsBos());
        }
    }

    /** Returns the digest of a packed file of this model; norms tell it from other models of the same shape. */
    private String requireBase(Path file) throws IOException {
        if (masks.isEmpty()) {
            throw new InputException("a mask file must hold 2:4 weights; got a mask without");
        }
        try (PackedFile packed = PackedFile.open(file, PackedFile.Verify.LAZILY)) {
            boolean same = packed.config().equals(ConfigCodec.write(model.config()));
            for (String name : model.shapes().keySet()) {
                same = same && packed.has(name) && isSame(packed, name);
            }
            if (!same) {
                throw new InputException(file + ": the base must be a packed file of the same model; got another");
            }
            return packed.digest();
        }
    }

    /** Whether a norm or bias is bit for bit the model's, or a matrix has its shape. */
    private boolean isSame(PackedFile packed, String name) {
        List<Long> shape = shape(name);
        if (shape.size() == 1) {
            return packed.vector(name).mismatch(values.of(name)) < 0;
        }
        WeightMatrix matrix = packed.matrix(name);
        return matrix.rows() == shape.get(0) && matrix.columns() == shape.get(1);
    }

    private Packed write(Path out, Collection<String> names, Progress progress, PackedWriter.Content extra)
            throws IOException {
        try (Progress.Task task = progress.start("pack", names.size() + 1)) {
            AtomicFiles.write(out, temporary -> {
                PackedWriter.write(temporary, writer -> {
                    writer.config(ConfigCodec.write(model.config()));
                    extra.write(writer);
                    for (String name : names) {
                        write(writer, name);
                        task.advance(1);
                    }
                });
                verify(temporary);
            });
            task.advance(1);
            return packed(out, type);
        }
    }

    private void write(PackedWriter writer, String name) throws IOException {
        if (shape(name).size() == 1) {
            writer.vector(name, values.of(name));
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Optional<WeightMatrix> ofForm = ofForm(name, arena);
            writer.matrix(name, ofForm.isPresent() ? ofForm.get() : matrix(name, arena));
        }
    }

    /** Returns what the form of a layer that is stored in one packs; empty where there is none, or the runtime has no kernel for it. */
    private Optional<WeightMatrix> ofForm(String name, Arena arena) {
        if (!model.compressed(name)) {
            return Optional.empty();
        }
        try (LinearForm form = model.form(name)) {
            return form.pack(type, arena);
        }
    }

    private WeightMatrix matrix(String name, Arena arena) {
        MemorySegment weights = values.of(name);
        int rows = Math.toIntExact(shape(name).get(0));
        int columns = Math.toIntExact(shape(name).get(1));
        LayerMask mask = masks.get(name);
        return mask == null
                ? DenseMatrix.pack(type, weights, rows, columns, arena)
                : SparseMatrix.pack(type, weights, mask.codes(), rows, columns, arena);
    }

    private List<Long> shape(String name) {
        return Objects.requireNonNull(model.shapes().get(name), name);
    }

    private void verify(Path written) throws IOException {
        try (PackedFile file = PackedFile.open(written, PackedFile.Verify.AT_ONCE)) {
            for (PackedTensor tensor : file.tensors()) {
                if (tensor.kind() == PackedTensor.Kind.SPARSE) {
                    requireCodes(tensor.name(), (SparseMatrix) file.matrix(tensor.name()));
                }
            }
        } catch (InputException wrong) {
            throw new IOException("what was written must be right; got: " + wrong.getMessage(), wrong);
        }
    }

    private static Packed packed(Path out, WeightType type) throws IOException {
        try (PackedFile file = PackedFile.open(out, PackedFile.Verify.LAZILY)) {
            long bytes = 0;
            long denseBytes = 0;
            int sparse = 0;
            int dense = 0;
            for (PackedTensor tensor : file.tensors()) {
                if (tensor.kind() == PackedTensor.Kind.VECTOR) {
                    continue;
                }
                PackedTensor.Section scales = tensor.scales();
                bytes += tensor.data().length() + (scales == null ? 0 : scales.length());
                denseBytes += denseBytes(tensor);
                if (tensor.kind() == PackedTensor.Kind.SPARSE) {
                    sparse++;
                } else {
                    dense++;
                }
            }
            return new Packed(type, Files.size(out), bytes, denseBytes, sparse, dense);
        }
    }

    private static long denseBytes(PackedTensor tensor) {
        long scales = tensor.type() == WeightType.INT8 ? (long) Float.BYTES * tensor.rows() : 0;
        return (long) tensor.rows() * tensor.columns() * tensor.type().bytes() + scales;
    }

    private void requireCodes(String name, SparseMatrix matrix) throws IOException {
        if (!Arrays.equals(codes(name), matrix.codes())) {
            throw new IOException("what was written must be right: " + name + " must have the codes of its mask");
        }
    }

    /** Returns the codes of a weight that becomes 2:4; none of another. */
    private byte[] codes(String name) {
        LayerMask mask = masks.get(name);
        if (mask != null) {
            return mask.codes();
        }
        if (!model.compressed(name)) {
            return new byte[0];
        }
        try (LinearForm form = model.form(name)) {
            return form instanceof MaskedLinear masked ? masked.mask().codes() : new byte[0];
        }
    }
}
