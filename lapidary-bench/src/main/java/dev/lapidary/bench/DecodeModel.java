package dev.lapidary.bench;

import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.Activation;
import dev.lapidary.runtime.model.DecoderWeights;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.model.RotaryScaling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * A model of TinyLlama 1.1B's shape with random weights in a mapped temporary file, dense or with its blocks' matrices 2:4.
 *
 * <p>The numbers are drawn once for 64 rows and repeated: speed depends on where they lie, not on what they are.
 */
final class DecodeModel implements DecoderWeights {
    static final ModelConfig SHAPE = new ModelConfig(
            ModelFamily.LLAMA,
            32_000,
            2048,
            22,
            32,
            4,
            64,
            5632,
            2048,
            2048,
            1e-5,
            Activation.SILU,
            10_000,
            new RotaryScaling.None(),
            false,
            false,
            false,
            false,
            OptionalInt.of(1),
            List.of(2));

    private static final int ROWS = 64; // a panel of the packed layout
    private static final int ALIGNMENT = 64;
    private static final String EMBEDDING = ParameterLayout.embedding(SHAPE);

    private final WeightType type;
    private final boolean sparse;
    private final Map<String, List<Long>> shapes = ParameterLayout.shapes(SHAPE);
    private final Map<Integer, WeightMatrix> pieces = new HashMap<>(); // of 64 rows, by columns
    private final Arena arena = Arena.ofShared();
    private final FileChannel file;
    private long read;

    private DecodeModel(WeightType type, boolean sparse) throws IOException {
        this.type = type;
        this.sparse = sparse;
        this.file = FileChannel.open(
                Files.createTempFile("lapidary-decode", ".weights"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Makes a model and says how many bytes of weights each token reads. */
    static Made make(WeightType type, boolean sparse, int threads) {
        DecodeModel weights;
        try {
            weights = new DecodeModel(type, sparse);
        } catch (IOException e) {
            throw new UncheckedIOException("a temporary file for the weights could not be made", e);
        }
        Model model = Model.of(SHAPE, weights, null, threads);
        return new Made(model, weights.read);
    }

    /**
     * A model and its cost.
     *
     * @param bytes of weights that decoding a token reads; the embedding's one row does not count
     */
    record Made(Model model, long bytes) implements AutoCloseable {
        @Override
        public void close() {
            model.close();
        }
    }

    @Override
    public WeightMatrix matrix(String name) {
        List<Long> shape = Objects.requireNonNull(shapes.get(name));
        int rows = shape.getFirst().intValue();
        int columns = shape.getLast().intValue();
        boolean block = name.contains("layers");
        WeightMatrix matrix = block && sparse ? sparse(rows, columns) : dense(rows, columns);
        read += name.equals(EMBEDDING) ? 0 : matrix.bytes();
        return matrix;
    }

    private WeightMatrix sparse(int rows, int columns) {
        SparseMatrix piece = (SparseMatrix) pieces.computeIfAbsent(columns, this::sparsePiece);
        MemorySegment data = repeated(piece.data(), SparseMatrix.dataBytes(type, rows, columns));
        return type == WeightType.INT8
                ? SparseMatrix.int8(rows, columns, data, repeated(piece.scales(), 4L * rows))
                : SparseMatrix.of(type, rows, columns, data);
    }

    private SparseMatrix sparsePiece(int columns) {
        byte[] codes = new byte[ROWS * columns / 4];
        SplittableRandom random = new SplittableRandom(columns);
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(6);
        }
        return SparseMatrix.pack(type, numbers(columns), codes, ROWS, columns, arena);
    }

    private WeightMatrix dense(int rows, int columns) {
        DenseMatrix piece = (DenseMatrix)
                pieces.computeIfAbsent(-columns, c -> DenseMatrix.pack(type, numbers(columns), ROWS, columns, arena));
        MemorySegment data = repeated(piece.data(), (long) rows * columns * type.bytes());
        return switch (type) {
            case F32 -> DenseMatrix.f32(rows, columns, data);
            case BF16 -> DenseMatrix.bf16(rows, columns, data);
            case F16 -> DenseMatrix.f16(rows, columns, data);
            case INT8 -> DenseMatrix.int8(rows, columns, data, repeated(piece.scales(), 4L * rows));
        };
    }

    private MemorySegment numbers(int columns) {
        MemorySegment numbers = arena.allocate(4L * ROWS * columns, ALIGNMENT);
        SplittableRandom random = new SplittableRandom(-columns);
        for (long i = 0; i < (long) ROWS * columns; i++) {
            numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.02 * random.nextGaussian()));
        }
        return numbers;
    }

    /** Returns a part of the file, mapped, that holds a piece again and again: users run models whose file is mapped. */
    private MemorySegment repeated(MemorySegment piece, long bytes) {
        try {
            long start = Math.ceilDiv(file.size(), ALIGNMENT) * ALIGNMENT;
            for (long at = 0; at < bytes; at += piece.byteSize()) {
                ByteBuffer part =
                        piece.asSlice(0, Math.min(piece.byteSize(), bytes - at)).asByteBuffer();
                for (long to = start + at; part.hasRemaining(); ) {
                    to += file.write(part, to);
                }
            }
            return file.map(FileChannel.MapMode.READ_ONLY, start, bytes, arena);
        } catch (IOException e) {
            throw new UncheckedIOException("the weights could not be written to a temporary file", e);
        }
    }

    @Override
    public float[] vector(String name) {
        float[] values =
                new float[Objects.requireNonNull(shapes.get(name)).getFirst().intValue()];
        Arrays.fill(values, 1f);
        return values;
    }

    @Override
    public void close() {
        arena.close();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the weights' temporary file could not be closed", e);
        }
    }
}
