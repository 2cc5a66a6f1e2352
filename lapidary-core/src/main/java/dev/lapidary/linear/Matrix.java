package dev.lapidary.linear;

import dev.lapidary.torch.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What forms do with the matrices that they own. */
final class Matrix {
    private Matrix() {}

    /** Requires float32 or float64 numbers [rows, columns], at least one of each. */
    static Tensor require(String what, Tensor matrix) {
        ScalarType type = type(matrix);
        if (matrix.dim() != 2 || matrix.numel() == 0 || type != ScalarType.Float && type != ScalarType.Double) {
            throw new IllegalArgumentException(what + " must be float32 or float64 [rows, columns]; got " + type + " "
                    + Arrays.toString(Tensors.shape(matrix)));
        }
        return matrix;
    }

    /** Returns the type of a tensor's numbers, as a constant that can be compared. */
    static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    /** Returns the numbers as float32, row-major; they live as long as the tensor and the open scope. */
    static MemorySegment floats(Tensor matrix) {
        return Tensors.segment(matrix.detach().to(ScalarType.Float).contiguous());
    }
}
