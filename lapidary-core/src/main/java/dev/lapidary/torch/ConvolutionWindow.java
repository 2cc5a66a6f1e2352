package dev.lapidary.torch;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A geometry spelled out for each spatial axis, so that a convolution over one axis can run as one over two.
 *
 * @param stride [axes]
 * @param padding [axes]
 * @param dilation [axes]
 * @param groups of channels
 */
@SuppressWarnings("ArrayRecordComponent") // handed to PyTorch as they are, never compared
record ConvolutionWindow(long[] stride, long[] padding, long[] dilation, long groups) {
    static ConvolutionWindow of(ConvolutionGeometry geometry, int axes) {
        return new ConvolutionWindow(
                filled(axes, geometry.stride()),
                filled(axes, geometry.padding()),
                filled(axes, geometry.dilation()),
                geometry.groups());
    }

    /** The window of the last axes alone: all but the first. */
    ConvolutionWindow withoutFirstAxis() {
        return new ConvolutionWindow(tail(stride), tail(padding), tail(dilation), groups);
    }

    /** Puts an axis of one position before the others. */
    ConvolutionWindow withLeadingAxis() {
        return new ConvolutionWindow(led(stride, 1), led(padding, 0), led(dilation, 1), groups);
    }

    int axes() {
        return stride.length;
    }

    /** Whether every output of a convolution sees something of its input. */
    boolean paddingIsWithin(Tensor kernel) {
        return IntStream.range(0, axes()).allMatch(axis -> padding[axis] < reach(axis, kernel.size(axis + 2)));
    }

    /** The least positions of both maps along the axes on which the kernel has more than one. */
    static long leastPositions(Tensor input, long[] output, Tensor kernel) {
        return IntStream.range(2, (int) kernel.dim())
                .filter(axis -> kernel.size(axis) > 1)
                .mapToLong(axis -> Math.min(input.size(axis), output[axis]))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private long reach(int axis, long kernel) {
        return dilation[axis] * (kernel - 1) + 1;
    }

    /** The shape of a convolution's output [batch, out, ...spatial]. */
    long[] reduced(Tensor input, Tensor kernel) {
        long[] shape = Tensors.shape(input);
        shape[1] = kernel.size(0);
        for (int axis = 0; axis < axes(); axis++) {
            shape[axis + 2] = outputs(axis, input.size(axis + 2), kernel.size(axis + 2));
        }
        return shape;
    }

    /** The shape of a transposed convolution's output [batch, out, ...spatial]. */
    long[] enlarged(Tensor input, Tensor kernel, long[] outputPadding) {
        long[] shape = Tensors.shape(input);
        shape[1] = kernel.size(1) * groups;
        for (int axis = 0; axis < axes(); axis++) {
            shape[axis + 2] = (input.size(axis + 2) - 1) * stride[axis]
                    - 2 * padding[axis]
                    + reach(axis, kernel.size(axis + 2))
                    + outputPadding[axis];
            if (shape[axis + 2] < 1) {
                throw new IllegalArgumentException("padding must leave something of the output; got padding "
                        + padding[axis] + " and an output of " + shape[axis + 2] + " positions");
            }
        }
        return shape;
    }

    /** Outputs along an axis. */
    long outputs(int axis, long inputs, long kernel) {
        long reach = reach(axis, kernel);
        long outputs = Math.floorDiv(inputs + 2 * padding[axis] - reach, stride[axis]) + 1;
        if (outputs < 1) {
            throw new IllegalArgumentException(
                    "the kernel must fit into the padded input; got a kernel that reaches over " + reach
                            + " positions, input " + inputs + ", padding " + padding[axis]);
        }
        return outputs;
    }

    private static long[] filled(int axes, long value) {
        long[] values = new long[axes];
        Arrays.fill(values, value);
        return values;
    }

    private static long[] tail(long[] values) {
        return Arrays.copyOfRange(values, 1, values.length);
    }

    private static long[] led(long[] values, long first) {
        long[] longer = new long[values.length + 1];
        longer[0] = first;
        System.arraycopy(values, 0, longer, 1, values.length);
        return longer;
    }
}
