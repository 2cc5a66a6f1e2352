package dev.lapidary.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** PyTorch's own convolutions, which oneDNN calculates in whatever layout the tensors have. */
final class BareConvolutions implements ConvolutionWay {
    @Override
    public String description() {
        return "oneDNN";
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
