package dev.lapidary.torch;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors from and to Java arrays, which copies, and over memory segments, which does not.
 *
 * <p>Every tensor that is returned owns native memory: the open {@link TorchScope} frees it, or its close method.
 */
public final class Tensors {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private Tensors() {}

    /** Copies values, row-major, to a float32 tensor; without a shape it is one-dimensional. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, values.length, shape);
        MemorySegment.copy(values, 0, segment(tensor), FLOAT, 0, values.length);
        return tensor;
    }

    /** Copies values, row-major, to a float64 tensor; without a shape it is one-dimensional. */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, values.length, shape);
        MemorySegment.copy(values, 0, segment(tensor), DOUBLE, 0, values.length);
        return tensor;
    }

    /** Copies values, row-major, to an int64 tensor; without a shape it is one-dimensional. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Long, values.length, shape);
        MemorySegment.copy(values, 0, segment(tensor), LONG, 0, values.length);
        return tensor;
    }

    /** Copies equally long rows to a float64 tensor [rows, columns]. */
    public static Tensor of(double[][] rows) {
        int width = rows.length == 0 ? 0 : rows[0].length;
        for (double[] row : rows) {
            if (row.length != width) {
                throw new IllegalArgumentException("rows must be equally long; got " + width + " and " + row.length);
            }
        }
        double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        return of(flat, rows.length, width);
    }

    /** Copies a stored tensor of floating point numbers: F64 to float64, F32, F16 and BF16 to float32. */
    public static Tensor of(TensorView view) {
        try (var scope = TorchScope.open()) {
            long[] sizes = view.shape().stream().mapToLong(Long::longValue).toArray();
            Tensor copy = torch.empty(sizes, new TensorOptions(scalar(view.dtype())), new MemoryFormatOptional());
            if (view.count() > 0) {
                segment(copy).copyFrom(view.data());
            }
            return scope.keep(view.dtype() == DType.F64 ? copy : copy.to(ScalarType.Float));
        }
    }

    /**
     * Returns a tensor as a file stores it, rounded to a type; it lives as long as the tensor and the open scope.
     *
     * @param type F64, F32, F16 or BF16
     */
    public static TensorView view(String name, Tensor tensor, DType type) {
        Tensor plain = tensor.detach().to(scalar(type)).contiguous();
        List<Long> shape = Arrays.stream(shape(plain)).boxed().toList();
        return new TensorView(name, type, shape, segment(plain));
    }

    private static ScalarType scalar(DType type) {
        return switch (type) {
            case F64 -> ScalarType.Double;
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            default -> throw new IllegalArgumentException("numbers must be F64, F32, F16 or BF16; got " + type);
        };
    }

    /**
     * Returns a float32 tensor over the segment's own memory: writes on either side show on the other.
     *
     * <p>The tensor does not keep the segment alive: whoever owns its arena must close it after the last use of the tensor
     * and of everything that shares its memory.
     *
     * @param f32 native memory, aligned to 4 bytes, of exactly the shape's size
     */
    public static Tensor wrap(MemorySegment f32, long... shape) {
        long count = count(shape);
        if (!f32.isNative() || f32.isReadOnly()) {
            throw new IllegalArgumentException("a wrapped segment must be native and writable; got native="
                    + f32.isNative() + ", readOnly=" + f32.isReadOnly());
        }
        if (f32.byteSize() != Math.multiplyExact(count, (long) Float.BYTES) || f32.address() % Float.BYTES != 0) {
            throw new IllegalArgumentException("a wrapped segment must be aligned and hold shape "
                    + Arrays.toString(shape) + " of float32; got " + f32.byteSize() + " bytes at " + f32.address());
        }
        Torch.load();
        try (var address = new Address(f32)) {
            return torch.from_blob(address, shape);
        }
    }

    /**
     * Returns the tensor's own memory, without a copy and without a check that it is still there: use it only while the
     * tensor is open.
     *
     * @param contiguous a dense, contiguous tensor in main memory, of any type
     */
    @SuppressWarnings("restricted")
    public static MemorySegment segment(Tensor contiguous) {
        if (!contiguous.defined() || !contiguous.is_cpu() || !contiguous.is_contiguous()) {
            throw new IllegalArgumentException("the tensor must be contiguous and in main memory; got "
                    + (contiguous.defined()
                            ? "contiguous=" + contiguous.is_contiguous() + ", cpu=" + contiguous.is_cpu()
                            : "an undefined one"));
        }
        long bytes = Math.multiplyExact(contiguous.numel(), contiguous.element_size());
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(contiguous.data_ptr().address()).reinterpret(bytes);
    }

    /** Copies a tensor of any number type, row-major, to floats. */
    public static float[] toFloats(Tensor tensor) {
        try (var plain = plain(tensor, ScalarType.Float)) {
            return segment(plain).toArray(FLOAT);
        }
    }

    /** Copies a tensor of any number type, row-major, to doubles. */
    public static double[] toDoubles(Tensor tensor) {
        try (var plain = plain(tensor, ScalarType.Double)) {
            return segment(plain).toArray(DOUBLE);
        }
    }

    /** Copies an integer tensor, row-major, to longs. */
    public static long[] toLongs(Tensor tensor) {
        try (var plain = plain(tensor, ScalarType.Long)) {
            return segment(plain).toArray(LONG);
        }
    }

    /** Returns a leaf of autograd over a tensor's memory, which gathers gradients of its own where that one gathers any. */
    public static Tensor leaf(Tensor tensor) {
        Tensor leaf = tensor.detach();
        leaf.set_requires_grad(tensor.requires_grad());
        return leaf;
    }

    /** Returns the sizes of the tensor's axes. */
    public static long[] shape(Tensor tensor) {
        long[] shape = new long[(int) tensor.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.size(i);
        }
        return shape;
    }

    /** An own handle (never the caller's) of a detached, contiguous tensor of the type, copied only where needed. */
    private static Tensor plain(Tensor tensor, ScalarType type) {
        try (var scope = TorchScope.open()) {
            return scope.keep(new Tensor(tensor.detach().cpu().to(type).contiguous()));
        }
    }

    private static Tensor empty(ScalarType type, int values, long[] shape) {
        long[] sizes = shape.length == 0 ? new long[] {values} : shape;
        if (count(sizes) != values) {
            throw new IllegalArgumentException(
                    "values must fill the shape; got " + values + " values, shape " + Arrays.toString(shape));
        }
        Torch.load();
        try (var options = new TensorOptions(type);
                var format = new MemoryFormatOptional()) {
            return torch.empty(sizes, options, format);
        }
    }

    private static long count(long[] shape) {
        long count = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("sizes must be at least 0; got " + Arrays.toString(shape));
            }
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    /** A pointer that owns nothing. */
    private static final class Address extends Pointer {
        Address(MemorySegment segment) {
            address = segment.address();
            capacity = segment.byteSize();
            limit = capacity;
        }
    }
}
