package dev.lapidary.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's own convolutions, which oneDNN calculates in whatever layout the tensors have.
 *
 * <p>Whatever the machine, oneDNN 3.7.1 reads memory that is not its own where an output sees nothing but padding (the JVM ends), and
 * gives kernel gradients of unwritten memory in bfloat16 where an axis of a map has one position and the kernel's has more.
 */
final class BareConvolutions implements ConvolutionWay {
    @Override
    public String description() {
        return "oneDNN";
    }

    @Override
    public boolean handles(Tensor input, long[] output, Tensor kernel, ConvolutionWindow window) {
        return window.paddingIsWithin(kernel)
                && (input.scalar_type().intern() != ScalarType.BFloat16
                        || ConvolutionWindow.leastPositions(input, output, kernel) > 1);
    }

    @Override
    public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
        var optional = bias == null ? new TensorOptional() : new TensorOptional(bias);
        return window.axes() == 2
                ? torch.conv2d(
                        input, kernel, optional, window.stride(), window.padding(), window.dilation(), window.groups())
                : torch.conv3d(
                        input, kernel, optional, window.stride(), window.padding(), window.dilation(), window.groups());
    }

    @Override
    public Tensor transpose(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
        return torch.conv_transpose2d(
                input,
                kernel,
                bias == null ? new TensorOptional() : new TensorOptional(bias),
                window.stride(),
                window.padding(),
                outputPadding,
                window.groups(),
                window.dilation());
    }
}
