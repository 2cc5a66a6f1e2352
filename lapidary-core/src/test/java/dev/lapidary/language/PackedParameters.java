package dev.lapidary.language;

import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.DecoderWeights;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.torch.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** The parameters of a model on PyTorch packed for one in pure Java, dense or with random 2:4 masks; the first gets what was kept. */
final class PackedParameters implements DecoderWeights {
    private final LanguageModel model;
    private final WeightType type;
    private final boolean sparse;
    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(9);
    private boolean closed;

    private PackedParameters(LanguageModel model, WeightType type, boolean sparse) {
        this.model = model;
        this.type = type;
        this.sparse = sparse;
    }

    static PackedParameters weights(LanguageModel model, WeightType type) {
        return new PackedParameters(model, type, false);
    }

    static Model dense(LanguageModel model, WeightType type, int threads) {
        return Model.of(model.config(), weights(model, type), null, threads);
    }

    static Model sparse(LanguageModel model, WeightType type, int threads) {
        return Model.of(model.config(), new PackedParameters(model, type, true), null, threads);
    }

    @Override
    public WeightMatrix matrix(String name) {
        Tensor weight = model.parameter(name);
        int rows = Math.toIntExact(weight.size(0));
        int columns = Math.toIntExact(weight.size(1));
        MemorySegment values = Tensors.segment(weight);
        WeightMatrix packed = pack(name, values, rows, columns);
        for (int r = 0; r < rows; r++) {
            MemorySegment row = values.asSlice(4L * r * columns, 4L * columns);
            switch (packed) {
                case DenseMatrix dense -> dense.row(r, row);
                case SparseMatrix some -> some.row(r, row);
            }
        }
        return packed;
    }

    private WeightMatrix pack(String name, MemorySegment values, int rows, int columns) {
        if (!sparse || !model.prunable().contains(name)) {
            return DenseMatrix.pack(type, values, rows, columns, arena);
        }
        byte[] codes = new byte[rows * columns / 4];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(6);
        }
        return SparseMatrix.pack(type, values, codes, rows, columns, arena);
    }

    @Override
    public float[] vector(String name) {
        return Tensors.toFloats(model.parameter(name));
    }

    @Override
    public void close() {
        if (!closed) {
            arena.close();
        }
        closed = true;
    }
}
