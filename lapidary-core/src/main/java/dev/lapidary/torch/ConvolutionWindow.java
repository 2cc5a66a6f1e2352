package dev.lapidary.torch;

import java.util.Arrays;

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

    /** Outputs along an axis. */
    long outputs(int axis, long inputs, long kernel) {
        long reach = dilation[axis] * (kernel - 1) + 1;
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
