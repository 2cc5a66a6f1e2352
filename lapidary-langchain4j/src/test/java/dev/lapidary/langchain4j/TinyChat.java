package dev.lapidary.langchain4j;

import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.model.DecoderWeights;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/** A small Llama of random weights whose tokens are the bytes of ASCII. */
final class TinyChat {
    private static final ModelConfig CONFIG = ModelConfig.llama(128, 16, 2, 2, 256);

    private TinyChat() {}

    static Model open() {
        return Model.of(CONFIG, new RandomWeights(), new Ascii(), 1);
    }

    private static final class RandomWeights implements DecoderWeights {
        private final Arena arena = Arena.ofShared();

        @Override
        public WeightMatrix matrix(String name) {
            List<Long> shape =
                    Objects.requireNonNull(ParameterLayout.shapes(CONFIG).get(name));
            int rows = shape.get(0).intValue();
            int columns = shape.get(1).intValue();
            MemorySegment weights = arena.allocate(4L * rows * columns, 64);
            Random random = new Random(name.hashCode());
            for (long i = 0; i < (long) rows * columns; i++) {
                weights.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian() / 4);
            }
            return DenseMatrix.f32(rows, columns, weights);
        }

        @Override
        public float[] vector(String name) {
            float[] ones = new float[CONFIG.width()];
            Arrays.fill(ones, 1);
            return ones;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static final class Ascii implements TextCodec {
        @Override
        public int[] encode(String text) {
            return text.chars().map(letter -> letter & 127).toArray();
        }

        @Override
        public String decode(int[] ids) {
            byte[] bytes = new byte[ids.length];
            for (int i = 0; i < ids.length; i++) {
                bytes[i] = (byte) ids[i];
            }
            return new String(bytes, StandardCharsets.US_ASCII);
        }

        @Override
        public int vocabulary() {
            return 128;
        }

        @Override
        public OptionalInt bos() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt eos() {
            return OptionalInt.empty();
        }

        @Override
        public Set<Integer> ends() {
            return Set.of();
        }

        @Override
        public boolean addsBos() {
            return false;
        }
    }
}
