package dev.lapidary.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A way to calculate convolutions; all of them compute the same function, and gradients flow through each. */
interface ConvolutionWay {
    /** Returns what a person reads, such as "oneDNN". */
    String description();

    /**
     * Whether it may be trusted with these shapes, which it may unless it says otherwise; the others go to
     * {@link ProductConvolutions}.
     *
     * @param input [batch, in, ...spatial]
     * @param output [batch, out, ...spatial], its shape
     * @param kernel either kind's
     */
    default boolean handles(Tensor input, long[] output, Tensor kernel, ConvolutionWindow window) {
        return true;
    }

    /**
     * Convolves over two or three axes.
     *
     * @param input [batch, in, ...spatial]
     * @param kernel [out, in / groups, ...kernel], of the input's type
     * @param bias [out], or null
     * @return [batch, out, ...spatial]
     */
    Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window);

    /**
     * The transpose of a convolution over two axes: what its gradient does to the output.
     *
     * @param input [batch, in, height, width]
     * @param kernel [in, out / groups, ...kernel], of the input's type
     * @param bias [out], or null
     * @param outputPadding positions added at the end of each axis of the output
     * @return [batch, out, height, width]
     */
    Tensor transpose(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding);

    /** Adds a bias [channels], if there is one, to maps [batch, channels, ...spatial]. */
    static Tensor biased(Tensor output, @Nullable Tensor bias) {
        if (bias == null) {
            return output;
        }
        long[] shape = new long[(int) output.dim()]; // [1, channels, 1, ...]
        Arrays.fill(shape, 1);
        shape[1] = bias.numel();
        return output.add(bias.view(shape).to(output.scalar_type()));
    }
}
