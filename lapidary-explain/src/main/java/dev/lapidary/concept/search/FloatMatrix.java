package dev.lapidary.concept.search;

import dev.lapidary.runtime.kernel.RowProducts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A float32 matrix [rows, width] outside the Java heap, row-major; its memory lives as long as the arena it came from. */
record FloatMatrix(MemorySegment memory, int rows, int width) {
    static FloatMatrix allocate(Arena arena, int rows, int width) {
        return new FloatMatrix(arena.allocate((long) rows * width * Float.BYTES, 64), rows, width);
    }

    /** Byte offset of row i. */
    long at(int i) {
        return (long) i * width * Float.BYTES;
    }

    /** Rows from the first, [count, width], over the same memory. */
    FloatMatrix part(int first, int count) {
        return new FloatMatrix(memory.asSlice(at(first), at(count)), count, width);
    }

    float get(int i, int j) {
        return memory.get(ValueLayout.JAVA_FLOAT, at(i) + (long) j * Float.BYTES);
    }

    void set(int i, int j, float value) {
        memory.set(ValueLayout.JAVA_FLOAT, at(i) + (long) j * Float.BYTES, value);
    }

    /** Packs it for products with its transpose, in memory of the arena. */
    RowProducts packed(Arena arena) {
        return RowProducts.of(arena, memory, rows, width);
    }

    /** Writes column j, [rows], to the beginning of a segment. */
    void copyColumn(int j, MemorySegment to) {
        for (int i = 0; i < rows; i++) {
            to.setAtIndex(ValueLayout.JAVA_FLOAT, i, get(i, j));
        }
    }

    double[] row(int i) {
        double[] row = new double[width];
        for (int j = 0; j < width; j++) {
            row[j] = get(i, j);
        }
        return row;
    }

    void setRow(int i, double[] values) {
        for (int j = 0; j < width; j++) {
            set(i, j, (float) values[j]);
        }
    }

    /** Returns this times a vector [width] in float64: [rows]. */
    double[] times(double[] vector) {
        double[] product = new double[rows];
        for (int i = 0; i < rows; i++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                sum += get(i, j) * vector[j];
            }
            product[i] = sum;
        }
        return product;
    }

    /** Returns the mean of the rows in float64, [width]. */
    double[] meanRow() {
        double[] mean = new double[width];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                mean[j] += get(i, j);
            }
        }
        for (int j = 0; j < width; j++) {
            mean[j] /= rows;
        }
        return mean;
    }
}
