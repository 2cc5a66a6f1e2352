package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.linear.MaskedLinear;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.GgufType;
import dev.lapidary.runtime.file.PackedFile;
import dev.lapidary.runtime.file.PackedTensor;
import dev.lapidary.runtime.file.PackedTokenizer;
import dev.lapidary.runtime.file.PackedWriter;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.ConfigCodec;
import dev.lapidary.runtime.model.GgufExport;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.token.Tokenizer;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Packs a Hugging Face folder, with a mask or without, into the one file that {@code dev.lapidary.runtime} maps and runs.
 *
 * <p>Linear weights under a 2:4 mask are stored 2:4, from the mask's codes and never from zeros; all other matrices, those under
 * masks of other patterns with their zeros and those in forms that the runtime has no kernel for, are stored dense. Norms and
 * biases stay float32; int8 has one scale a row. What was written is read again before the file appears, and must be right: every
 * checksum, and for every 2:4 weight the codes.
 */
public final class PackedCheckpoint {
    private final LanguageModel model;
    private final WeightType type;
    private final Set<String> linear;

    private PackedCheckpoint(LanguageModel model, WeightType type) {
        this.model = model;
        this.type = type;
        linear = Set.copyOf(model.prunable());
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
        try (LanguageModel model = LanguageModel.open(base)) {
            set.ifPresent(masks -> masks.applyTo(model));
            PackedCheckpoint checkpoint = new PackedCheckpoint(model, type);
            if (baseFile.isPresent()) {
                List<String> masked = set.filter(it -> it.pattern().equals(SparsityPattern.TWO_OF_FOUR))
                        .map(masks -> List.copyOf(masks.layers().sequencedKeySet()))
                        .orElse(List.of());
                if (masked.isEmpty()) {
                    throw new InputException("a mask file must hold 2:4 weights; got a mask without");
                }
                String digest = checkpoint.requireBase(baseFile.get());
                return checkpoint.write(out, masked, progress, writer -> writer.base(digest));
            }
            return checkpoint.write(out, model.names(), progress, writer -> writer.tokenizer(tokenizer));
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
        try (LanguageModel model = LanguageModel.open(base);
                Progress.Task task = progress.start("gguf", model.names().size())) {
            set.ifPresent(masks -> masks.applyTo(model));
            materialise(model);
            String name =
                    Objects.toString(base.toAbsolutePath().normalize().getFileName(), "model"); // the root has none
            GgufExport.write(out, name, model.config(), tokenizer, type, (parameter, row, values) -> {
                task.advance(row == 0 ? 1 : 0);
                MemorySegment all = Tensors.segment(model.value(parameter));
                int columns = values.length;
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT, row * columns * Float.BYTES, values, 0, columns);
            });
        }
    }

    /** Lets the model hold each linear weight as a matrix, which is read row after row. */
    private static void materialise(LanguageModel model) {
        for (String weight : model.prunable()) {
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard off = new NoGradGuard()) {
                model.replace(weight, model.value(weight));
            }
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
        try (PackedFile packed = PackedFile.open(file, PackedFile.Verify.LAZILY)) {
            boolean same = packed.config().equals(ConfigCodec.write(model.config()));
            for (String name : model.names()) {
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
        Tensor parameter = model.parameter(name);
        if (parameter.dim() == 1) {
            return packed.vector(name).mismatch(Tensors.segment(parameter)) < 0;
        }
        WeightMatrix matrix = packed.matrix(name);
        return matrix.rows() == parameter.size(0) && matrix.columns() == parameter.size(1);
    }

    private Packed write(Path out, List<String> names, Progress progress, PackedWriter.Content extra)
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
            return packed(out);
        }
    }

    private void write(PackedWriter writer, String name) throws IOException {
        try (TorchScope scope = TorchScope.open();
                Arena arena = Arena.ofConfined()) {
            Optional<WeightMatrix> packed =
                    linear.contains(name) ? model.form(name).pack(type, arena) : Optional.empty();
            if (packed.isPresent()) {
                writer.matrix(name, packed.get());
                return;
            }
            Tensor value = model.value(name).detach();
            MemorySegment weights = Tensors.segment(value);
            if (value.dim() == 1) {
                writer.vector(name, weights);
            } else {
                int rows = Math.toIntExact(value.size(0));
                int columns = Math.toIntExact(value.size(1));
                writer.matrix(name, DenseMatrix.pack(type, weights, rows, columns, arena));
            }
        }
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

    private Packed packed(Path out) throws IOException {
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
        if (!(model.form(name) instanceof MaskedLinear masked)
                || !Arrays.equals(masked.mask().codes(), matrix.codes())) {
            throw new IOException("what was written must be right: " + name + " must have the codes of its mask");
        }
    }
}
