package dev.lapidary.torch;

/**
 * How a convolution's kernel moves over its input, the same along every axis.
 *
 * @param stride positions from one output to the next, at least 1
 * @param padding zeros added on both sides, at least 0
 * @param dilation positions from one kernel element to the next, at least 1
 * @param groups into which channels are divided; each output sees the inputs of its group alone
 */
public record ConvolutionGeometry(int stride, int padding, int dilation, int groups) {
    /** Checks that stride, dilation and groups are at least 1 and padding at least 0. */
    public ConvolutionGeometry {
        if (stride < 1 || padding < 0 || dilation < 1 || groups < 1) {
            throw new IllegalArgumentException(
                    "stride, dilation and groups must be at least 1 and padding at least 0; got stride=%d, padding=%d, dilation=%d, groups=%d"
                            .formatted(stride, padding, dilation, groups));
        }
    }

    /** Stride 1, no padding. */
    public static ConvolutionGeometry plain() {
        return new ConvolutionGeometry(1, 0, 1, 1);
    }

    /** A stride and a padding, without dilation or groups. */
    public static ConvolutionGeometry of(int stride, int padding) {
        return new ConvolutionGeometry(stride, padding, 1, 1);
    }
}
