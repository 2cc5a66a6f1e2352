package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Fetches a decoder's weights by name, each checked against the shape that its model says it has. */
final class WeightBinder {
    private final DecoderWeights weights;
    private final Map<String, List<Long>> shapes;
    private final Arena arena;

    /** The arena keeps the vectors. */
    WeightBinder(ModelConfig config, DecoderWeights weights, Arena arena) {
        this.weights = weights;
        this.shapes = ParameterLayout.shapes(config);
        this.arena = arena;
    }

    boolean has(String name) {
        return shapes.containsKey(name);
    }

    WeightMatrix matrix(String name) {
        WeightMatrix matrix = weights.matrix(name);
        require(name, (long) matrix.rows(), (long) matrix.columns());
        return matrix;
    }

    /** A matrix whose rows are looked up. */
    DenseMatrix rows(String name) {
        if (matrix(name) instanceof DenseMatrix dense) {
            return dense;
        }
        throw new InputException(name + " must be dense; got a 2:4 matrix");
    }

    MemorySegment vector(String name) {
        float[] values = weights.vector(name);
        require(name, (long) values.length);
        MemorySegment segment = NativeMemory.floats(arena, values.length);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
        return segment;
    }

    /** A linear layer, with its bias where the model has one. */
    Linear linear(String name) {
        String bias = name + ".bias";
        return new Linear(matrix(name + ".weight"), has(bias) ? vector(bias) : null);
    }

    private void require(String name, Long... got) {
        ParameterLayout.requireShape(name, Objects.requireNonNull(shapes.get(name)), List.of(got));
    }
}
