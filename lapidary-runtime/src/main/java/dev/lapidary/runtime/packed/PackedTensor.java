package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tensor of a packed file.
 *
 * @param name as in Hugging Face checkpoints
 * @param type f32 for vectors
 * @param scaling what shares a scale; none but for int8
 * @param rows number of outputs; 1 for a vector
 * @param columns number of inputs; the length of a vector
 * @param data where the weights lie
 * @param scales where the float32 scales lie, for int8
 */
public record PackedTensor(
        String name,
        Kind kind,
        WeightType type,
        Scaling scaling,
        int rows,
        int columns,
        Section data,
        @Nullable Section scales) {
    /** What a tensor is and how it lies in the file. */
    public enum Kind {
        /** Float32 values in order. */
        VECTOR("values"),
        /** Rows after rows. */
        DENSE("rows"),
        /** Survivors of 2:4, 16 rows interleaved and four such blocks together. */
        SPARSE("lanes-16x4");

        private final String layout;

        Kind(String layout) {
            this.layout = layout;
        }

        /** The layout's name in the header. */
        public String layout() {
            return layout;
        }
    }

    /**
     * A run of bytes of the file.
     *
     * @param offset from the start of the file
     * @param length in bytes
     * @param checksum CRC-32C of the bytes
     */
    public record Section(long offset, long length, int checksum) {
        /** First byte behind the section. */
        public long end() {
            return offset + length;
        }
    }

    /** Bytes that the weights of such a tensor take. */
    static long dataBytes(Kind kind, WeightType type, int rows, int columns) {
        return kind == Kind.SPARSE
                ? SparseMatrix.dataBytes(type, rows, columns)
                : Math.multiplyExact((long) rows * columns, (long) type.bytes());
    }

    /** The sizes as checkpoints list them: of a vector its length, of a matrix rows and columns. */
    public List<Long> shape() {
        return kind == Kind.VECTOR ? List.of((long) columns) : List.of((long) rows, (long) columns);
    }

    /** Bytes of weights and scales together. */
    public long bytes() {
        return data.length() + (scales == null ? 0 : scales.length());
    }
}
