package dev.lapidary.nn;

import java.util.Arrays;
import java.util.List;

/**
 * What a layer asks for: a tensor of a name and a shape, and how it begins.
 *
 * @param name unique in a net, such as {@code encoder.0.weight}
 */
public record Parameter(String name, List<Long> shape, Initialiser start) {
    /** Checks the sizes. */
    public Parameter {
        shape = List.copyOf(shape);
        if (shape.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("sizes of " + name + " must be at least 1; got " + shape);
        }
    }

    /** Describes a parameter. */
    public static Parameter of(String name, Initialiser start, long... shape) {
        return new Parameter(name, Arrays.stream(shape).boxed().toList(), start);
    }

    /** Returns how many numbers it has. */
    public long count() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
