package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** Small decoders with random weights, each tensor's from its name alone. */
final class SmallDecoders {
    static final int VOCABULARY = 97;
    static final int CONTEXT = 160;

    private SmallDecoders() {}

    static ModelConfig config(ModelFamily family) {
        boolean gpt = family == ModelFamily.GPT2;
        return new ModelConfig(
                family,
                VOCABULARY,
                64,
                2,
                4,
                gpt ? 4 : 2,
                16,
                96,
                CONTEXT,
                CONTEXT,
                1e-5,
                gpt ? Activation.GELU_TANH : Activation.SILU,
                10_000,
                new RotaryScaling.None(),
                gpt || family == ModelFamily.QWEN2,
                gpt,
                gpt,
                gpt,
                OptionalInt.of(1),
                List.of(2));
    }

    static Model sparse(ModelFamily family, int threads) {
        return model(config(family), WeightType.F32, true, threads);
    }

    static Model dense(ModelFamily family, int threads) {
        return model(config(family), WeightType.F32, false, threads);
    }

    static Model model(ModelConfig config, WeightType type, boolean sparse, int threads) {
        return Model.of(config, new RandomWeights(config, type, sparse), null, threads);
    }

    static int[] tokens(int count, long seed) {
        return new SplittableRandom(seed).ints(count, 0, VOCABULARY).toArray();
    }

    static final class RandomWeights implements DecoderWeights {
        private final ModelConfig config;
        private final WeightType type;
        private final boolean sparse;
        private final Arena arena = Arena.ofShared();
        private boolean closed;

        RandomWeights(ModelConfig config, WeightType type, boolean sparse) {
            this.config = config;
            this.type = type;
            this.sparse = sparse;
        }

        boolean closed() {
            return closed;
        }

        @Override
        public WeightMatrix matrix(String name) {
            int rows = shape(name).getFirst().intValue();
            int columns = shape(name).getLast().intValue();
            SplittableRandom random = new SplittableRandom(name.hashCode());
            MemorySegment values = arena.allocate(4L * rows * columns, 64);
            for (long i = 0; i < (long) rows * columns; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.3 * random.nextGaussian()));
            }
            boolean prunable = name.contains("layers") || name.contains(".h.");
            if (!sparse || !prunable) {
                return DenseMatrix.pack(prunable ? type : WeightType.F32, values, rows, columns, arena);
            }
            byte[] codes = new byte[rows * columns / 4];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (byte) random.nextInt(6);
            }
            return SparseMatrix.pack(type, values, codes, rows, columns, arena);
        }

        @Override
        public float[] vector(String name) {
            SplittableRandom random = new SplittableRandom(name.hashCode());
            float[] values = new float[shape(name).getFirst().intValue()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((ParameterLayout.scalesNorm(name) ? 1 : 0) + 0.2 * random.nextGaussian());
            }
            return values;
        }

        private List<Long> shape(String name) {
            return Objects.requireNonNull(ParameterLayout.shapes(config).get(name), name);
        }

        @Override
        public void close() {
            closed = true;
            arena.close();
        }
    }
}
